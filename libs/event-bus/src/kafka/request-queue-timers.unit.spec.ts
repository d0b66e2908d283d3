import { createRequire } from 'node:module';
import { describe, expect, it, jest } from '@jest/globals';
import { mendRequestQueueTimers } from './request-queue-timers.js';

describe('the timers of the client’s request queue', () => {
  it('are set for requests that wait, and for nothing else', () => {
    mendRequestQueueTimers();
    const { prototype } = createRequire(import.meta.url)('kafkajs/src/network/requestQueue/index.js') as {
      readonly prototype: { scheduleCheckPendingRequests(): void };
    };
    const timers = jest.spyOn(globalThis, 'setTimeout').mockReturnValue(0 as unknown as NodeJS.Timeout);
    try {
      prototype.scheduleCheckPendingRequests.call({ pending: [], throttledUntil: -1, throttleCheckTimeoutId: null });
      expect(timers).not.toHaveBeenCalled();
      prototype.scheduleCheckPendingRequests.call({ pending: [{}], throttledUntil: -1, throttleCheckTimeoutId: null });
      expect(timers.mock.calls.map(([, ms]) => Math.sign(ms ?? 0))).toEqual([1]);
    } finally {
      timers.mockRestore();
    }
  });

  it('keep no process alive', () => {
    mendRequestQueueTimers();
    const { prototype } = createRequire(import.meta.url)('kafkajs/src/network/requestQueue/index.js') as {
      readonly prototype: { scheduleRequestTimeoutCheck(): void };
    };
    const queue = {
      enforceRequestTimeout: true,
      requestTimeout: 1_000,
      requestTimeoutIntervalId: undefined as NodeJS.Timeout | undefined,
      destroy: () => {},
    };
    prototype.scheduleRequestTimeoutCheck.call(queue);
    try {
      expect(queue.requestTimeoutIntervalId?.hasRef()).toBe(false);
    } finally {
      clearInterval(queue.requestTimeoutIntervalId);
    }
  });
});
