/** A broker of a test's own, that it may stop and start; the data and the address stay. */
export interface OwnBroker {
  readonly address: string;
  start(): Promise<void>;
  stop(): Promise<void>;
  kill(): Promise<void>;
  close(): Promise<void>;
}

/** Apache Kafka's own, by `scripts/parts/parts.mjs`: takes some seconds, and minutes where its jars are not there yet. */
export async function startOwnBroker(): Promise<OwnBroker> {
  const script = new URL('../../../../scripts/parts/parts.mjs', import.meta.url).href;
  const { startParts } = (await import(script)) as {
    startParts: (options: object) => Promise<{ kafka: OwnBroker; close(): Promise<void> }>;
  };
  const parts = await startParts({ parts: ['kafka'] });
  const { kafka } = parts;
  return {
    address: kafka.address,
    start: () => kafka.start(),
    stop: () => kafka.stop(),
    kill: () => kafka.kill(),
    close: () => parts.close(),
  };
}
