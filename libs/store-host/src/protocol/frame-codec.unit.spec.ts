import { describe, expect, it } from '@jest/globals';
import { encodeFrame, FrameReader, type Frame } from './frame-codec.js';

function take(reader: FrameReader, bytes: Buffer, sizes: readonly number[]): Frame[] {
  const frames: Frame[] = [];
  let from = 0;
  for (let index = 0; from < bytes.length; index++) {
    const size = sizes[index % sizes.length] ?? 1;
    for (const { text, attachment } of reader.take(bytes.subarray(from, from + size)))
      frames.push({ text, attachment: Buffer.from(attachment) });
    from += size;
  }
  return frames;
}

describe('frames', () => {
  const sent: Frame[] = [
    { text: '{"t":"ü𝄞"}', attachment: Buffer.alloc(0) },
    { text: '{}', attachment: Buffer.from([0, 255, 1, 2, 3]) },
    { text: '', attachment: Buffer.alloc(0) },
    { text: 'x'.repeat(70_000), attachment: Buffer.alloc(300, 7) },
    { text: '[]', attachment: Buffer.alloc(0) },
  ];
  const bytes = Buffer.concat(sent.map(({ text, attachment }) => encodeFrame(text, attachment)));

  it.each([[[1]], [[7]], [[8]], [[9, 1, 65_536]], [[bytes.length]]])('come out as they went in, in pieces of %p bytes', (sizes) => {
    expect(take(new FrameReader(100_000), bytes, sizes)).toEqual(sent);
  });

  it('are refused by their announced size, before anything is kept for them', () => {
    const reader = new FrameReader(10);
    expect(() => take(reader, Buffer.from('GET / HTTP/1.1\r\n'), [16])).toThrow(expect.objectContaining({ code: 'PAYLOAD_TOO_LARGE' }));
    expect(() => encodeFrame('12345678', Buffer.alloc(3), 10)).toThrow(expect.objectContaining({ code: 'PAYLOAD_TOO_LARGE' }));
    expect(take(new FrameReader(10), encodeFrame('12345678', Buffer.alloc(2), 10), [3])).toHaveLength(1);
  });
});
