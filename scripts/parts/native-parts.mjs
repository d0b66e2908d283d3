// The parts that run without containers: what each is, what it needs, and the command that serves a data folder on a port.
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { root } from '../launcher/paths.mjs';
import { freePort } from './free-port.mjs';
import { classPathOf, versionIn, whyNoJava } from './jars.mjs';

const kafkaPom = 'deploy/kafka/pom.xml';
const mongoPom = 'deploy/mongo/pom.xml';
const listenerMain = 'libs/event-store/dist/eventstoredb-listener/serve-main.js';
const smallJava = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];

/** How a broker is set for one node and quick tests; deploy/compose and the containers of the tests say the same in their way. */
export const kafkaSettings = {
  'num.partitions': '4',
  'offsets.topic.num.partitions': '8',
  'offsets.topic.replication.factor': '1',
  'transaction.state.log.num.partitions': '8',
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
  'group.initial.rebalance.delay.ms': '0',
  'group.min.session.timeout.ms': '1000',
  'auto.create.topics.enable': 'false',
  // A broker that was killed is taken back after this, not after the nine seconds that the default waits for its former self.
  'broker.session.timeout.ms': '3000',
  'broker.heartbeat.interval.ms': '500',
};

export const nativeParts = {
  kafka: {
    title: () => `Apache Kafka ${versionIn(kafkaPom, 'kafka_2.13')} (KRaft)`,
    whyNot: () => whyNoJava({ compiles: false }),
    address: (port) => `127.0.0.1:${port}`,
    prepare: async () => ({ classPath: await classPathOf({ name: 'kafka', pom: kafkaPom }), controllerPort: await freePort() }),
    steps: async ({ port, folder, prepared }) => {
      const properties = join(folder, 'server.properties');
      const data = join(folder, 'data');
      const node = `127.0.0.1:${prepared.controllerPort}`;
      const lines = Object.entries({
        'process.roles': 'broker,controller',
        'node.id': '1',
        'controller.quorum.voters': `1@${node}`,
        listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://${node}`,
        'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
        'controller.listener.names': 'CONTROLLER',
        'inter.broker.listener.name': 'PLAINTEXT',
        'log.dirs': data,
        ...kafkaSettings,
      });
      await writeFile(properties, lines.map(([key, value]) => `${key}=${value}\n`).join(''));
      const java = (main, ...args) => ({
        command: 'java',
        args: ['-Xmx512m', ...smallJava, '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn', '-cp', prepared.classPath, main, ...args],
      });
      const format = java('kafka.tools.StorageTool', 'format', '-t', randomBytes(16).toString('base64url'), '-c', properties);
      const serve = java('kafka.Kafka', properties);
      return existsSync(join(data, 'meta.properties')) ? [serve] : [format, serve];
    },
  },

  mongo: {
    title: () => `mongo-java-server ${versionIn(mongoPom, 'mongo-java-server-h2-backend')}, which stands in for MongoDB`,
    whyNot: () => whyNoJava({ compiles: true }),
    address: (port) => `mongodb://127.0.0.1:${port}`,
    prepare: async () => ({ classPath: await classPathOf({ name: 'mongo', pom: mongoPom, sources: ['deploy/mongo/MongoPart.java'] }) }),
    steps: async ({ port, folder, prepared }) => [
      { command: 'java', args: ['-Xmx384m', ...smallJava, '-cp', prepared.classPath, 'MongoPart', '127.0.0.1', String(port), folder] },
    ],
  },

  eventstoredb: {
    title: () => 'the embedded store by EventStoreDB’s protocol, which stands in for EventStoreDB',
    whyNot: () => (existsSync(join(root, listenerMain)) ? undefined : `${listenerMain} does not exist: "npm run build" makes it`),
    address: (port) => `esdb://127.0.0.1:${port}?tls=false`,
    prepare: async () => ({}),
    steps: async ({ port, folder }) => [
      { command: process.execPath, args: [join(root, listenerMain), join(folder, 'store'), String(port)] },
    ],
  },
};
