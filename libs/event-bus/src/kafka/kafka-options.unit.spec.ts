import { describe, expect, it } from '@jest/globals';
import { isTuttiError } from '@tutti/kernel';
import { checkConnection, checkedLimits, checkedTimes, type KafkaConnection } from './kafka-options.js';

const brokers = ['127.0.0.1:9092'];

function problem(check: () => void): string {
  try {
    check();
  } catch (error) {
    if (isTuttiError(error, 'INVALID_CONFIG')) return error.message;
    throw error;
  }
  return '';
}

describe('the options of the bus on Kafka', () => {
  it.each([
    [{ brokers: [] }, /no broker is named/],
    [{ brokers: ['kafka'] }, /"kafka" is not host:port/],
    [{ brokers: ['kafka:0'] }, /port from 1 to 65535/],
    [{ brokers: ['kafka://host:9092'] }, /is not host:port/],
    [
      { brokers, sasl: { mechanism: 'gssapi', username: 'a', password: 'b' } as unknown as NonNullable<KafkaConnection['sasl']> },
      /"gssapi" is not one of/,
    ],
    [{ brokers, sasl: { mechanism: 'plain', username: 'a', password: '' } as const }, /needs a username and a password/],
  ])('refuse the connection %j', (connection, expected) => {
    expect(problem(() => checkConnection(connection))).toMatch(expected);
  });

  it.each([[brokers], [['kafka-1.example:9092', '[::1]:9093']]])('take the brokers %j', (given) => {
    expect(problem(() => checkConnection({ brokers: given }))).toBe('');
  });

  it('refuse a heartbeat that leaves no room for a second one within the session', () => {
    expect(problem(() => checkedTimes({ sessionTimeoutMs: 6_000, heartbeatMs: 3_000 }))).toMatch(
      /heartbeatMs 3000 .* sessionTimeoutMs 6000/,
    );
    expect(checkedTimes()).toMatchObject({ sessionTimeoutMs: 10_000, heartbeatMs: 3_000 });
  });

  it.each([
    [{}, 500],
    [{ sessionTimeoutMs: 30_000, heartbeatMs: 3_000 }, 500],
    [{ sessionTimeoutMs: 2_000, heartbeatMs: 600 }, 100],
    [{ fetchWaitMs: 50 }, 50],
  ])('let a fetch wait for a twentieth of the session, 500 ms at most, unless they say: %j', (given, fetchWaitMs) => {
    expect(checkedTimes(given)).toMatchObject({ fetchWaitMs });
  });

  it('refuse times and limits that are no whole numbers from 1', () => {
    expect(problem(() => checkedTimes({ fetchWaitMs: 0 }))).toMatch(/times.fetchWaitMs is 0/);
    expect(problem(() => checkedLimits({ maxWaiting: 1.5 }))).toMatch(/limits.maxWaiting is 1.5/);
    expect(checkedLimits({ maxWaiting: 5 })).toMatchObject({ maxWaiting: 5, maxMessageBytes: 1_048_576 });
  });
});
