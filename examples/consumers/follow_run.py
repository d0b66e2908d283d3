"""Starts a run by gRPC and prints what happens to it until it has ended.

    pip install -r requirements.txt
    mkdir -p generated && python -m grpc_tools.protoc -I ../../proto --python_out=generated --grpc_python_out=generated \
        $(cd ../../proto && find tutti -name '*.proto')
    python follow_run.py localhost:7171 <token> <workflow> ['{"name": "Ada"}']
"""

import json
import os
import sys

sys.path.insert(0, os.environ.get("TUTTI_GENERATED", os.path.join(os.path.dirname(__file__), "generated")))

import grpc  # noqa: E402
from google.protobuf import json_format, struct_pb2  # noqa: E402
from tutti.v1 import feed_pb2, feed_pb2_grpc, runs_pb2, runs_pb2_grpc  # noqa: E402

ENDS = ("RunSucceeded", "RunFailed", "RunCancelled")
FOLLOW_LIMIT_SECONDS = 600


def main(address: str, token: str, workflow: str, inputs: str = "{}") -> int:
    credential = (("authorization", f"Bearer {token}"),)
    with grpc.insecure_channel(address) as channel:
        request = runs_pb2.StartRunRequest(workflow=workflow, inputs=json_format.Parse(inputs, struct_pb2.Struct()), actor="user:python")
        started = runs_pb2_grpc.RunServiceStub(channel).StartRun(request, metadata=credential, timeout=20)
        print(f"started {started.run_id}", flush=True)

        # From before the run: whatever happened since it was started is in it.
        follow = feed_pb2.FollowRequest(after=-1, run_id=started.run_id)
        feed = feed_pb2_grpc.EventFeedServiceStub(channel).Follow(follow, metadata=credential, timeout=FOLLOW_LIMIT_SECONDS)
        for response in feed:
            if response.WhichOneof("item") != "event":
                continue
            event = response.event
            data = json_format.MessageToDict(event.data)
            about = [str(data[name]) for name in ("step", "task") if name in data]
            print(event.revision, event.type, *dict.fromkeys(about), flush=True)
            if event.type in ENDS:
                print(json.dumps({"ended": event.type}), flush=True)
                feed.cancel()
                return 0 if event.type == "RunSucceeded" else 1
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
