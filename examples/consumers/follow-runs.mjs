// Prints what happens to runs as it is published, each event once, and ends when the run that it was asked about has ended.
//   npm install && node follow-runs.mjs [--brokers localhost:9092] [--run <id>] [--topic tutti.events.run] [--group <name>]
import { parseArgs } from 'node:util';
import { Kafka, logLevel } from 'kafkajs';

const { values: options } = parseArgs({
  options: {
    brokers: { type: 'string', default: 'localhost:9092' },
    run: { type: 'string' },
    topic: { type: 'string', default: 'tutti.events.run' },
    group: { type: 'string', default: `follow-runs-${process.pid}-${Date.now()}` },
  },
});

const ENDS = ['RunSucceeded', 'RunFailed', 'RunCancelled'];

// Where this consumer stands in each stream. One that keeps results keeps this with them, in one transaction: then it may crash anywhere.
const lastRevisions = new Map();
let repeats = 0;

const kafka = new Kafka({ clientId: 'follow-runs', brokers: options.brokers.split(','), logLevel: logLevel.ERROR });
const consumer = kafka.consumer({ groupId: options.group, allowAutoTopicCreation: false });
await consumer.connect();
await consumer.subscribe({ topic: options.topic, fromBeginning: true });
await consumer.run({
  eachMessage: async ({ message }) => {
    const event = JSON.parse(message.value.toString());
    if (!isNew(event.stream, Number(message.headers['tutti-revision']))) return;
    if (options.run !== undefined && event.stream !== `run-${options.run}`) return;
    console.log(lineOf(event));
    if (options.run !== undefined && ENDS.includes(event.type)) end();
  },
});
process.once('SIGINT', end);
process.once('SIGTERM', end);

/** After a change of the publishing process some events come again, in the same order: what is not newer than the last of its stream was here before. */
function isNew(stream, revision) {
  if (revision <= (lastRevisions.get(stream) ?? -1)) {
    repeats += 1;
    return false;
  }
  lastRevisions.set(stream, revision);
  return true;
}

function lineOf({ stream, revision, time, type, data }) {
  const about = [data.step, data.task, data.attempt && `attempt ${data.attempt}`, data.workflow].filter((part) => part !== undefined);
  return `${time} ${stream} ${revision} ${type} ${[...new Set(about)].join(' ')}`.trimEnd();
}

/** Not waited for: it ends once the message in hand is done. */
function end() {
  console.error(`${repeats} repeats were dropped`);
  setImmediate(() => consumer.disconnect().then(() => process.exit(0)));
}
