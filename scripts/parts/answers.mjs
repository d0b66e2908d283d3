// Whether a part answers as what it is, by its own client. Each gives the version that the part says, or throws.
import { createRequire } from 'node:module';
import { EventStoreDBClient } from '@eventstore/db-client';
import { Kafka, logLevel } from 'kafkajs';
import { MongoClient } from 'mongodb';

const ANSWER_MS = 2_000;

// Where no request waits, kafkajs 2.2.4 sets a timer of a negative time, which Node warns of on the standard error.
const { prototype } = createRequire(import.meta.url)('kafkajs/src/network/requestQueue/index.js');
const schedule = prototype.scheduleCheckPendingRequests;
prototype.scheduleCheckPendingRequests = function () {
  if (this.pending.length > 0) schedule.call(this);
};

export const answers = {
  async kafka(address) {
    const kafka = new Kafka({
      clientId: 'tutti-parts',
      brokers: address.split(','),
      logLevel: logLevel.NOTHING,
      connectionTimeout: ANSWER_MS,
      requestTimeout: ANSWER_MS,
      retry: { retries: 0 },
    });
    const admin = kafka.admin();
    try {
      await admin.connect();
      const { brokers, controller } = await admin.describeCluster();
      if (brokers.length === 0 || controller === null) throw new Error('the broker has no cluster yet');
    } finally {
      await admin.disconnect();
    }
    // Its protocol does not tell a version.
    return undefined;
  },
  async mongo(address) {
    const client = new MongoClient(address, {
      serverSelectionTimeoutMS: ANSWER_MS,
      connectTimeoutMS: ANSWER_MS,
      socketTimeoutMS: ANSWER_MS,
    });
    try {
      await client.connect();
      return (await client.db('admin').command({ buildInfo: 1 })).version;
    } finally {
      await client.close();
    }
  },
  async eventstoredb(address) {
    const client = EventStoreDBClient.connectionString(address);
    try {
      const reading = client.readAll({ maxCount: 1, deadline: ANSWER_MS });
      // To its end: it does not close when it is left early.
      for await (const _ of reading);
      return (await client.capabilities).serverVersion;
    } finally {
      await client.dispose();
    }
  },
};
