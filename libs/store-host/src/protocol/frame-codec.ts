import { TuttiError } from '@tutti/kernel';

/** Two unsigned 32-bit lengths, big-endian: of the JSON text, then of the bytes attached to it. */
export const PREFIX_BYTES = 8;

export interface Frame {
  readonly text: string;
  /** Bytes that JSON would blow up, like those of a blob; a view into what was read, so copy what is to be kept. */
  readonly attachment: Buffer;
}

const NOTHING = Buffer.alloc(0);

/** @throws TuttiError PAYLOAD_TOO_LARGE */
export function encodeFrame(text: string, attachment: Uint8Array = NOTHING, maxBytes = Number.MAX_SAFE_INTEGER): Buffer {
  const textBytes = Buffer.byteLength(text);
  const total = textBytes + attachment.length;
  if (total > maxBytes) {
    throw new TuttiError('PAYLOAD_TOO_LARGE', `a frame has ${total} bytes; at most ${maxBytes} pass between processes`, {
      details: { bytes: total, limit: maxBytes },
    });
  }
  const frame = Buffer.allocUnsafe(PREFIX_BYTES + total);
  frame.writeUInt32BE(textBytes, 0);
  frame.writeUInt32BE(attachment.length, 4);
  frame.write(text, PREFIX_BYTES);
  frame.set(attachment, PREFIX_BYTES + textBytes);
  return frame;
}

/** Puts frames together from what a socket gives. Holds one unfinished frame at most, and never more than the limit allows. */
export class FrameReader {
  #chunks: Buffer[] = [];
  #held = 0;
  #textBytes = -1;
  #attachmentBytes = 0;

  /** @param maxBytes of a frame without its prefix; may be raised once the peer is known */
  constructor(public maxBytes: number) {}

  /** Frames that the chunk completes. @throws TuttiError PAYLOAD_TOO_LARGE, after which the reader is of no use any more */
  *take(chunk: Buffer): Generator<Frame> {
    this.#chunks.push(chunk);
    this.#held += chunk.length;
    for (;;) {
      if (this.#textBytes < 0 && !this.#readPrefix()) return;
      const total = this.#textBytes + this.#attachmentBytes;
      if (this.#held < total) return;
      const body = this.#remove(total);
      const text = body.toString('utf8', 0, this.#textBytes);
      const attachment = body.subarray(this.#textBytes);
      this.#textBytes = -1;
      yield { text, attachment };
    }
  }

  #readPrefix(): boolean {
    if (this.#held < PREFIX_BYTES) return false;
    const prefix = this.#remove(PREFIX_BYTES);
    const textBytes = prefix.readUInt32BE(0);
    const attachmentBytes = prefix.readUInt32BE(4);
    if (textBytes + attachmentBytes > this.maxBytes) {
      const found = `a frame of ${textBytes} and ${attachmentBytes} bytes was announced`;
      throw new TuttiError('PAYLOAD_TOO_LARGE', `${found}, expected at most ${this.maxBytes} together`);
    }
    this.#textBytes = textBytes;
    this.#attachmentBytes = attachmentBytes;
    return true;
  }

  #remove(bytes: number): Buffer {
    const first = this.#chunks[0] ?? NOTHING;
    this.#held -= bytes;
    if (first.length > bytes) {
      this.#chunks[0] = first.subarray(bytes);
      return first.subarray(0, bytes);
    }
    const all = this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks);
    this.#chunks = all.length === bytes ? [] : [all.subarray(bytes)];
    return all.subarray(0, bytes);
  }
}
