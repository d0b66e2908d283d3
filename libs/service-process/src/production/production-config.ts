import { textList } from '@tutti/service-kit';
import { z } from 'zod';

const count = (least: number, most: number) => z.coerce.number().int().min(least).max(most);
const flag = z.union([z.boolean(), z.stringbool()]);
const text = z.string().min(1).max(2_000);
const address = (form: RegExp, like: string) => text.regex(form, `expected like ${like}`);
const broker = address(/^(\[[\da-f:]+\]|[^\s:/]+):\d{1,5}$/i, 'host:9092');

/** Settings of the backends that several machines share. Passed over while `backends` is `embedded`. */
export const productionSettings = {
  /** What the ports stand on: one data folder, or EventStoreDB, Kafka and MongoDB. */
  backends: z.enum(['embedded', 'full']).default('embedded'),
  eventStore: z
    .object({
      /** `esdb://user:password@host:2113?tls=true&tlsCaFile=…`. */
      url: address(/^esdb(\+discover)?:\/\/\S+$/, 'esdb://host:2113?tls=true').optional(),
    })
    .prefault({}),
  kafka: z
    .object({
      /** `host:port` of some brokers of the cluster. */
      brokers: textList.pipe(z.array(broker)).default([]),
      tls: z
        .object({
          enabled: flag.default(false),
          caFile: text.optional(),
          certFile: text.optional(),
          keyFile: text.optional(),
        })
        .prefault({}),
      sasl: z
        .object({
          mechanism: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']).default('scram-sha-512'),
          username: text.optional(),
          password: text.optional(),
        })
        .prefault({}),
      /** Before the name of each group, so that two installations may share a cluster. */
      groupPrefix: z.string().max(100).default('tutti.'),
      /** Of topics that do not exist yet. */
      partitions: count(1, 1_000).default(12),
      replicationFactor: count(1, 10).default(1),
      /** A member that is not heard of for so long is no longer one; recovery of what it held begins then. */
      sessionTimeoutMs: count(1_000, 300_000).default(10_000),
    })
    .prefault({}),
  mongo: z
    .object({
      /** `mongodb://user:password@host:27017/database?tls=true`. */
      url: address(/^mongodb(\+srv)?:\/\/\S+$/, 'mongodb://host:27017/database').optional(),
    })
    .prefault({}),
  /** How the processes find and trust each other, where they share no folder. */
  services: z
    .object({
      /** What they sign tokens for each other with, the same for all: 32 characters or more, by chance. */
      secret: z.string().min(32).max(500).optional(),
      /** Where this process listens for the others. Not encrypted: a network that only they share. */
      host: z.string().min(1).max(255).default('127.0.0.1'),
      /** 0 for any free one. */
      port: count(0, 65_535).default(0),
      /** `host:port` that the others call it by; where it listens when left out. */
      address: z.string().min(3).max(300).optional(),
      /** A process that is not heard of for so long is taken for gone: others take what it had. */
      leaseMs: count(1_000, 300_000).default(6_000),
      /** How often a process gives a sign of life and looks at the others; a quarter of its lease where that is less. */
      pollMs: count(50, 60_000).default(500),
    })
    .prefault({}),
  /** Whether this process is alive and ready, by HTTP: /health/live, /health/ready. */
  health: z
    .object({
      host: z.string().min(1).max(255).default('127.0.0.1'),
      /** 0: not served. The gateway serves its own beside its API. */
      port: count(0, 65_535).default(0),
    })
    .prefault({}),
};

/** These settings alone, as the guide lists them. */
export const productionConfig = z.object(productionSettings);
