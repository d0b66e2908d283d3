import { PIECE_BYTES } from '../protocol/messages.js';
import type { StorePorts } from '../store-ports.js';
import type { HostMethods } from './host-methods.js';
import type { OutgoingStream } from './outgoing-stream.js';

const NOTHING = new Uint8Array(0);

export function blobMethods({ blobs }: StorePorts): HostMethods {
  return {
    calls: {
      'blobs.put': ([tenant], body) => blobs.put(tenant as string, body ?? NOTHING),
      'blobs.size': ([tenant, hash]) => blobs.size(tenant as string, hash as string),
      'blobs.sweep': ([tenant, live, graceMs]) => blobs.sweep(tenant as string, new Set(live as readonly string[]), graceMs as number),
    },
    streams: {
      'blobs.get': async ([tenant, hash], stream) => sendBytes(await blobs.get(tenant as string, hash as string), stream),
    },
  };
}

/** Each item says how many there are in all. */
async function sendBytes(bytes: Uint8Array, stream: OutgoingStream): Promise<void> {
  let from = 0;
  do {
    const attachment = bytes.subarray(from, from + PIECE_BYTES);
    from += PIECE_BYTES;
    await stream.send(String(bytes.length), { last: from >= bytes.length, attachment });
  } while (from < bytes.length);
}
