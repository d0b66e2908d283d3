import type { Phase } from '@tutti/service-kit';
import { tracePublish, type Broker, type ProcessParts } from '@tutti/service-process';
import type { Relay } from '@tutti/relay';

const STOP_LIMIT_MS = 15_000;

/** Publishes what is recorded to the broker, in one coordinator at a time. It waits for its seat by itself. */
export function relayPhase({ directory, ports, runtime, logger, tracer }: ProcessParts, broker: Broker): Phase {
  let relay: Relay | null = null;
  return {
    name: 'relay',
    start: async () => {
      const { openKafkaRelay } = await import('@tutti/relay/kafka');
      relay = openKafkaRelay({
        ...{ ...broker, runtime, log: logger, store: ports.eventStore },
        seat: () => directory.seat('relay'),
        around: (publish) => tracePublish(publish, { tracer, system: 'kafka' }),
      });
      relay.start();
    },
    stop: async () => {
      await relay?.stop();
    },
    stopLimitMs: STOP_LIMIT_MS,
  };
}
