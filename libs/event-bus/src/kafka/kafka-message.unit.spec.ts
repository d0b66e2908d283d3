import { describe, expect, it } from '@jest/globals';
import type { BusMessage } from '../event-bus.port.js';
import { fromKafkaMessage, toKafkaMessage } from './kafka-message.js';

const options = { source: '/tutti', nowMs: Date.UTC(2026, 0, 2), maxBytes: 1_000 };
const message: BusMessage = { id: 'm1', type: 'tutti.test.happened.v1', key: 'k', payload: { n: 1 } };
const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

/** As the broker gives it back. */
function read(given: BusMessage, headers: Readonly<Record<string, string>> = {}) {
  const { key, value, headers: written = {} } = toKafkaMessage('topic', given, { ...options, headers }).message;
  const asBytes = Object.fromEntries(Object.entries(written).map(([name, text]) => [name, Buffer.from(String(text))]));
  return fromKafkaMessage('topic', 3, { key: Buffer.from(String(key)), value: value as Buffer, headers: asBytes, offset: '17' });
}

describe('a message on Kafka', () => {
  it('is a CloudEvent 1.0 in binary mode', () => {
    const { message: written } = toKafkaMessage('topic', { ...message, traceparent, member: 'ben' }, options);
    expect(written).toEqual({
      key: 'k',
      value: Buffer.from('{"n":1}'),
      headers: {
        ce_specversion: '1.0',
        ce_id: 'm1',
        ce_source: '/tutti',
        ce_type: 'tutti.test.happened.v1',
        ce_time: '2026-01-02T00:00:00.000Z',
        'content-type': 'application/json',
        traceparent,
        'tutti-member': 'ben',
      },
    });
  });

  it.each([message, { ...message, payload: null }, { ...message, member: 'ben', traceparent, payload: ['ü', { deep: [null] }] }])(
    'is read as it was written: %j',
    (given) => {
      expect(read(given)).toEqual({ message: given });
    },
  );

  it('says for which group it comes again, and where it was first', () => {
    const again = read(message, { 'tutti-replay-group': 'workers', 'tutti-replay-offset': '3:4' });
    expect(again).toEqual({ message, group: 'workers', firstOffset: '3:4' });
  });

  it('takes what others published, with an id and a type made up', () => {
    const foreign = { key: null, value: Buffer.from('[1]'), headers: {}, offset: '17' };
    expect(fromKafkaMessage('topic', 3, foreign)).toEqual({ message: { id: 'topic/3:17', type: 'unknown', key: '', payload: [1] } });
    expect(fromKafkaMessage('topic', 3, { ...foreign, value: null }).message.payload).toBeNull();
  });

  it('says why a payload cannot be read, and gives its text', () => {
    const torn = fromKafkaMessage('topic', 3, { key: Buffer.from('k'), value: Buffer.from('{"n":'), headers: {}, offset: '17' });
    expect(torn.unreadable).toMatch(/not JSON/);
    expect(torn.message.payload).toBe('{"n":');
  });

  it('is refused when it is too large, counting key, headers and payload', () => {
    const large = { ...message, payload: 'x'.repeat(800) };
    expect(() => toKafkaMessage('topic', large, options)).toThrow(/message m1 for topic takes 1\d{3} bytes, expected at most 1000/);
    expect(toKafkaMessage('topic', { ...message, payload: 'x'.repeat(500) }, options).bytes).toBeGreaterThan(500);
  });
});
