import { TuttiError } from '@tutti/kernel';
import type { SharedConfig } from '../process-config.js';

/** What `backends: full` cannot do without, all of it there. */
export interface FullBackends {
  readonly eventStoreUrl: string;
  readonly mongoUrl: string;
  readonly secret: string;
}

type Settings = Pick<SharedConfig, 'eventStore' | 'kafka' | 'mongo' | 'services'>;

/** @throws TuttiError INVALID_CONFIG that names everything that is missing, with the variable that sets it */
export function requiredSettings({ eventStore, kafka, mongo, services }: Settings): FullBackends {
  const { sasl, tls } = kafka;
  const problems = [
    missing(eventStore.url, 'eventStore.url', 'TUTTI_EVENT_STORE__URL', 'like esdb://localhost:2113?tls=false'),
    missing(kafka.brokers[0], 'kafka.brokers', 'TUTTI_KAFKA__BROKERS', 'like localhost:9092,other:9092'),
    missing(mongo.url, 'mongo.url', 'TUTTI_MONGO__URL', 'like mongodb://localhost:27017/tutti'),
    missing(services.secret, 'services.secret', 'TUTTI_SERVICES__SECRET', '32 characters or more by chance, the same for all processes'),
    ...(sasl.username === undefined
      ? []
      : [missing(sasl.password, 'kafka.sasl.password', 'TUTTI_KAFKA__SASL__PASSWORD', 'it belongs to kafka.sasl.username')]),
    ...(tls.certFile === undefined
      ? []
      : [missing(tls.keyFile, 'kafka.tls.keyFile', 'TUTTI_KAFKA__TLS__KEY_FILE', 'it belongs to kafka.tls.certFile')]),
  ].filter((problem) => problem !== null);
  const { url: eventStoreUrl } = eventStore;
  if (problems.length > 0 || eventStoreUrl === undefined || mongo.url === undefined || services.secret === undefined) {
    const message = `settings are missing for backends: full:\n${problems.map((problem) => `  ${problem}`).join('\n')}`;
    throw new TuttiError('INVALID_CONFIG', message, { details: { problems } });
  }
  return { eventStoreUrl, mongoUrl: mongo.url, secret: services.secret };
}

function missing(value: string | undefined, path: string, variable: string, hint: string): string | null {
  return value === undefined ? `${path} (${variable}): ${hint}` : null;
}
