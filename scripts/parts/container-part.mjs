// The parts as containers of the product's own images, by testcontainers. Its reaper ends them when this process is gone.
import { freePort } from './free-port.mjs';
import { kafkaSettings } from './native-parts.mjs';

const START_LIMIT_MS = 180_000;
const STOP_LIMIT_S = 20;

/** Images of the parts; the variables are those of docker-compose.yml. */
export const images = {
  kafka: () => process.env.KAFKA_IMAGE ?? 'apache/kafka:4.1.1',
  mongo: () => process.env.MONGO_IMAGE ?? 'mongo:8.0.15',
  eventstoredb: () => process.env.EVENTSTOREDB_IMAGE ?? 'eventstore/eventstore:24.10.0',
};

const parts = {
  kafka: {
    port: 9092,
    address: (port) => `127.0.0.1:${port}`,
    environment: (port) => ({
      KAFKA_PROCESS_ROLES: 'broker,controller',
      KAFKA_NODE_ID: '1',
      KAFKA_CONTROLLER_QUORUM_VOTERS: '1@localhost:9093',
      KAFKA_LISTENERS: 'PLAINTEXT://:9092,CONTROLLER://:9093',
      KAFKA_ADVERTISED_LISTENERS: `PLAINTEXT://127.0.0.1:${port}`,
      KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
      KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
      KAFKA_INTER_BROKER_LISTENER_NAME: 'PLAINTEXT',
      ...Object.fromEntries(
        Object.entries(kafkaSettings).map(([key, value]) => [`KAFKA_${key.replaceAll('.', '_').toUpperCase()}`, value]),
      ),
    }),
  },
  mongo: { port: 27017, address: (port) => `mongodb://127.0.0.1:${port}`, environment: () => ({}) },
  eventstoredb: {
    port: 2113,
    address: (port) => `esdb://127.0.0.1:${port}?tls=false`,
    environment: () => ({ EVENTSTORE_INSECURE: 'true', EVENTSTORE_CLUSTER_SIZE: '1', EVENTSTORE_RUN_PROJECTIONS: 'None' }),
  },
};

/** Whether Docker's engine answers; why not, as a sentence, otherwise. */
export async function whyNoContainers() {
  try {
    const { getContainerRuntimeClient } = await import('testcontainers');
    await getContainerRuntimeClient();
    return undefined;
  } catch (error) {
    return `Docker’s engine does not answer (${error.message.split('\n')[0]})`;
  }
}

export async function createContainerPart({ name, answers }) {
  const { GenericContainer, getContainerRuntimeClient } = await import('testcontainers');
  const { port: inside, address, environment } = parts[name];
  // A port of our own choice: a broker has to be told what others call it by, and it stays over a stop.
  const port = await freePort();
  const image = images[name]();
  // Docker's own handle: what testcontainers gives can be stopped once.
  let container;
  let runs = false;
  const part = {
    name,
    source: 'container',
    title: image,
    address: address(port),
    port,
    get pid() {
      return undefined;
    },
    async start() {
      if (runs) return;
      if (container === undefined) {
        const started = await new GenericContainer(image)
          .withExposedPorts({ container: inside, host: port })
          .withEnvironment(environment(port))
          .withStartupTimeout(START_LIMIT_MS)
          .start();
        const client = await getContainerRuntimeClient();
        container = client.container.getById(started.getId());
      } else await container.start();
      runs = true;
      part.answered = await untilAnswered(() => answers[name](part.address));
    },
    async stop() {
      if (runs) await container.stop({ t: STOP_LIMIT_S });
      runs = false;
    },
    async kill() {
      if (runs) await container.kill();
      runs = false;
    },
    async close() {
      await container?.remove({ force: true, v: true });
      container = undefined;
      runs = false;
    },
  };
  return part;
}

async function untilAnswered(ask) {
  const deadline = performance.now() + START_LIMIT_MS;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}
