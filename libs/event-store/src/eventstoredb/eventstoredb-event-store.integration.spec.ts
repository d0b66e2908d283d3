import { afterAll } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createProcessRuntime } from '../embedded/process-runtime.js';
import { serveDataFolder } from '../eventstoredb-listener/serve-data-folder.js';
import { describeEventStoreContract } from '../testing/event-store-contract.js';
import { sharedServerHarness } from './shared-server-harness.js';

const given = process.env['TUTTI_TEST_EVENTSTOREDB'];

if (given !== undefined && given !== '') {
  describeEventStoreContract('EventStoreDB by its own client, on the server that the environment names', sharedServerHarness(given));
} else {
  const folder = mkdtempSync(join(tmpdir(), 'tutti-esdb-shared-'));
  const served = await serveDataFolder({ folder, runtime: createProcessRuntime() });
  describeEventStoreContract('EventStoreDB by its own client, on one listener for all', sharedServerHarness(served.connectionString));
  afterAll(async () => {
    await served.close();
    rmSync(folder, { recursive: true });
  });
}
