// The client package has the service definitions of the server that it talks to; they are CommonJS without names that can be seen from outside.
import serverFeatures from '@eventstore/db-client/generated/serverfeatures_pb.js';
import serverFeaturesGrpc from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import status from '@eventstore/db-client/generated/status_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import streamsGrpc from '@eventstore/db-client/generated/streams_grpc_pb.js';

export { serverFeatures, serverFeaturesGrpc, shared, status, streams, streamsGrpc };
export type ReadReq = InstanceType<typeof streams.ReadReq>;
export type ReadOptions = InstanceType<typeof streams.ReadReq.Options>;
export type FilterOptions = InstanceType<typeof streams.ReadReq.Options.FilterOptions>;
export type ReadResp = InstanceType<typeof streams.ReadResp>;
export type AppendReq = InstanceType<typeof streams.AppendReq>;
export type AppendResp = InstanceType<typeof streams.AppendResp>;
export type BatchAppendReq = InstanceType<typeof streams.BatchAppendReq>;
export type BatchAppendResp = InstanceType<typeof streams.BatchAppendResp>;
export type StreamIdentifier = InstanceType<typeof shared.StreamIdentifier>;
export type UUID = InstanceType<typeof shared.UUID>;

export function streamNameOf(identifier: StreamIdentifier | undefined): string {
  return Buffer.from(identifier?.getStreamName_asU8() ?? []).toString('utf8');
}

export function streamIdentifier(name: string): StreamIdentifier {
  const identifier = new shared.StreamIdentifier();
  identifier.setStreamName(Buffer.from(name, 'utf8').toString('base64'));
  return identifier;
}

export function uuidText(uuid: UUID | undefined): string {
  if (uuid?.hasStructured() !== true) return uuid?.getString() ?? '';
  const { mostSignificantBits, leastSignificantBits } = (uuid.getStructured() as InstanceType<typeof shared.UUID.Structured>).toObject();
  const hex = [mostSignificantBits, leastSignificantBits]
    .map((bits) => BigInt.asUintN(64, BigInt(bits)).toString(16).padStart(16, '0'))
    .join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

export function uuid(text: string): UUID {
  const message = new shared.UUID();
  message.setString(text);
  return message;
}
