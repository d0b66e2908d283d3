// Kafka, a Mongo-compatible server and EventStoreDB's protocol for whoever tests on them: given from outside, as containers, or native.
import { answers } from './answers.mjs';
import { createContainerPart, whyNoContainers } from './container-part.mjs';
import { openGuard } from './guard.mjs';
import { createNativePart } from './native-part.mjs';
import { nativeParts } from './native-parts.mjs';

/** The parts, each with the variable that gives its address to a test. */
export const partVariables = {
  kafka: 'TUTTI_TEST_KAFKA_BROKERS',
  mongo: 'TUTTI_TEST_MONGO_URL',
  eventstoredb: 'TUTTI_TEST_EVENTSTOREDB',
};

export const partNames = Object.keys(partVariables);

/**
 * Starts parts as native processes. They, and the folders that were not given, are gone when `close` resolves, and also soon after this
 * process is gone, however it went.
 */
export async function startParts({ parts = partNames, folders = {}, ports = {} } = {}) {
  const { close, started, missing } = await bringUp({ parts, folders, ports, sources: ['native'] });
  const [reason] = Object.values(missing);
  if (reason !== undefined) {
    await close();
    throw new Error(reason);
  }
  return { ...started, close };
}

/**
 * Brings each part up from the first of the sources that has it: `environment` (an address in its variable), `container`, `native`.
 * Gives what was started and, for each that could not be, why.
 */
export async function bringUp({ parts = partNames, folders = {}, ports = {}, sources = ['environment', 'container', 'native'] } = {}) {
  const guard = openGuard();
  const started = {};
  const missing = {};
  const noContainers = sources.includes('container') ? await whyNoContainers() : undefined;
  const starts = parts.map(async (name) => {
    try {
      const part = await choose(name, { sources, noContainers, guard, folder: folders[name], port: ports[name] });
      started[name] = part;
      await part.start();
    } catch (error) {
      await started[name]?.close();
      delete started[name];
      missing[name] = error.message;
    }
  });
  await Promise.all(starts);
  const close = async () => {
    await Promise.allSettled(Object.values(started).map((part) => part.close()));
    await guard.close();
  };
  return { started: inOrder(started, parts), missing: inOrder(missing, parts), guard, close };
}

function inOrder(record, keys) {
  return Object.fromEntries(keys.filter((key) => key in record).map((key) => [key, record[key]]));
}

async function choose(name, { sources, noContainers, guard, folder, port }) {
  const given = process.env[partVariables[name]] ?? '';
  if (sources.includes('environment') && given !== '') return givenPart(name, given);
  if (sources.includes('container') && noContainers === undefined) return createContainerPart({ name, answers });
  const reason = nativeParts[name].whyNot();
  if (reason === undefined) return createNativePart({ name, guard, folder, port });
  throw new Error([`${name} cannot be run here: ${reason}`, noContainers].filter(Boolean).join('; '));
}

/** Somebody else's: it is asked, and never stopped. */
function givenPart(name, address) {
  const part = {
    name,
    source: 'environment',
    title: partVariables[name],
    address,
    async start() {
      try {
        part.answered = await answers[name](address);
      } catch (error) {
        throw new Error(`${name} does not answer at ${partVariables[name]}=${withoutCredentials(address)}: ${error.message}`, {
          cause: error,
        });
      }
    },
    async stop() {},
    async kill() {},
    async close() {},
  };
  return part;
}

export function withoutCredentials(address) {
  return address.replace(/\/\/[^@/]*@/, '//');
}

/** One line that says what a part is and where: `kafka: native, Apache Kafka 4.1.1 (KRaft), 127.0.0.1:20112`. */
export function describe(part) {
  const version = part.answered === undefined ? '' : `, says version ${part.answered}`;
  return `${part.name}: ${part.source}, ${part.title}${version}, ${withoutCredentials(part.address)}`;
}
