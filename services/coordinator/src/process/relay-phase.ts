import type { Relay } from '@tutti/relay';
import type { Phase } from '@tutti/service-kit';
import { tracePublish, type Broker, type Finding, type ProcessParts } from '@tutti/service-process';
import { findRelay, troubleOf } from './relay-findings.js';

const STOP_LIMIT_MS = 15_000;

export interface RelayPhase extends Phase {
  /** How it is, for whoever looks after the installation. */
  readonly find: () => Promise<Finding>;
}

/** Publishes what is recorded to the broker, in one coordinator at a time. It waits for its seat by itself. */
export function relayPhase({ directory, ports, runtime, logger, tracer, health }: ProcessParts, broker: Broker): RelayPhase {
  let relay: Relay | null = null;
  const { clock } = runtime;
  health.watch(() => (relay === null ? null : troubleOf(relay.state(), clock.now())));
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
    find: async () =>
      Promise.resolve(relay === null ? { status: 'ok', detail: 'it does not publish yet' } : findRelay(relay.state(), clock.now())),
  };
}
