import { join } from 'node:path';
import { readConfig, startStandalone } from '../../services/standalone/dist/index.js';
import { recordAppends } from './append-plans.mjs';
import { createEndings, ENDS } from './run-endings.mjs';

/** The whole standalone system inside this process, called directly. */
export async function openByCalls(cwd) {
  const config = await readConfig(cwd, {}, { dataDir: join(cwd, 'data'), port: '0' });
  const standalone = await startStandalone({ config, cwd, environment: {}, version: 'bench', pid: process.pid });
  const ends = createEndings();
  const subscription = standalone.store.subscribe({
    after: await standalone.store.head(),
    filter: { categories: ['run'], types: ENDS },
    onBatch: (events) => {
      for (const event of events) ends.ended(event.metadata.correlationId, event.type);
    },
  });
  const start = async ({ workflow, inputs }) => {
    const request = { workflow, workflowVersion: 0, inputs, labels: {}, idempotencyKey: '', actor: 'user:bench' };
    return (await standalone.runs.startRun(request)).runId;
  };
  return {
    store: standalone.store,
    start,
    run: async (workload) => ends.of(await start(workload)),
    /** From here on, what each append wrote; see {@link recordAppends}. */
    recordAppends: () => recordAppends(standalone.store),
    async close() {
      await subscription.close();
      await standalone.stop();
    },
  };
}
