import { openSharedFolder } from '@tutti/store-host/embedded';
import type { RelaySeat } from '../../relay-ports.js';
import { openKafkaRelay } from '../kafka-relay.js';
import { realRuntime } from './real-runtime.js';
import { PARTITIONS, routesOf, type RelayTask, type SeatMessage } from './relay-task.js';

/** A relay in a process of its own, on a data folder that another serves. Its seat is given by whoever started it, as long as their beats go to and fro. */
const { folder, brokers, prefix, seed } = JSON.parse(process.argv[2] ?? '') as RelayTask;
const LOST_AFTER_MS = 1_000;
const runtime = realRuntime(seed);
const say = (line: string) => void process.stderr.write(`${line}\n`);
const log = {
  info: () => {},
  warn: () => {},
  error: (message: string, fields: object = {}) => say(`relay ${seed}: ${message} ${JSON.stringify(fields)}`),
};

function seat(): RelaySeat {
  const tell = (message: SeatMessage) => void process.send?.(message);
  const listeners = new Set<() => void>();
  let cancel = () => {};
  let lastBeat = runtime.clock.monotonic();
  const lose = () => {
    for (const listener of listeners) listener();
  };
  const takeBeat = (message: SeatMessage) => {
    if (message !== 'beat') return;
    cancel();
    lastBeat = runtime.clock.monotonic();
    cancel = runtime.timers.after(LOST_AFTER_MS, lose);
    tell('beat');
  };
  return {
    take: () =>
      new Promise((resolve) => {
        process.on('message', (message: SeatMessage) => {
          if (message !== 'given') return;
          process.on('message', takeBeat);
          takeBeat('beat');
          resolve();
        });
        tell('wanted');
      }),
    onLost: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    sureForMs: () => lastBeat + LOST_AFTER_MS - runtime.clock.monotonic(),
    leave: async () => {
      cancel();
      process.removeAllListeners('message');
      tell('left');
    },
  };
}

const shared = openSharedFolder({ dataDir: folder, mayHost: false, views: [], minFreeBytes: 0, runtime, logger: log });
await shared.connected();
const relay = openKafkaRelay({
  ...{ runtime, log, seat, prefix, store: shared.eventStore },
  connection: { brokers },
  layouts: { defaults: { partitions: PARTITIONS } },
  routes: routesOf(prefix),
  checkpointTopic: `${prefix}tutti.relay`,
  limits: { maxBatchEvents: 40 },
});
relay.start();
