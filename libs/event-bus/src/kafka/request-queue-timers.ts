import { createRequire } from 'node:module';

interface RequestQueue {
  readonly pending: readonly unknown[];
  readonly requestTimeoutIntervalId?: NodeJS.Timeout;
}

interface RequestQueuePrototype {
  scheduleCheckPendingRequests: (this: RequestQueue) => void;
  scheduleRequestTimeoutCheck: (this: RequestQueue) => void;
}

const FILE = 'kafkajs/src/network/requestQueue/index.js';
let isMended = false;

/**
 * The client (2.2.4) looks through the requests that wait again and again: where none does it sets a timer of a negative time, which Node 24 warns of on the standard
 * error and takes for 1 ms, so that each connection wakes the process a thousand times a second. While nothing waits there is nothing to look through, and whoever
 * adds a request sets the timer anew. It also looks for requests without answer, on a connection that is gone without its knowledge for ever: that must not keep a
 * process alive.
 */
export function mendRequestQueueTimers(): void {
  if (isMended) return;
  isMended = true;
  const { prototype } = createRequire(import.meta.url)(FILE) as { readonly prototype: RequestQueuePrototype };
  const schedule = prototype.scheduleCheckPendingRequests;
  prototype.scheduleCheckPendingRequests = function (this: RequestQueue) {
    if (this.pending.length > 0) schedule.call(this);
  };
  const scheduleTimeouts = prototype.scheduleRequestTimeoutCheck;
  prototype.scheduleRequestTimeoutCheck = function (this: RequestQueue) {
    scheduleTimeouts.call(this);
    this.requestTimeoutIntervalId?.unref();
  };
}
