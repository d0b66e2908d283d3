import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { expect, it } from '@jest/globals';
import { once } from 'node:events';

// The process that users start is the built one.
const PROGRAM = fileURLToPath(new URL('../../dist/eventstoredb-listener/serve-main.js', import.meta.url));

it('serves a data folder as a process of its own, ends in order, and goes on at the same port', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tutti-serve-'));
  let port = '0';
  for (const revision of [0n, 1n]) {
    const child = spawn(process.execPath, [PROGRAM, folder, port], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      const [line] = (await once(child.stdout, 'data')) as [Buffer];
      const [, address = '', found = ''] = /^ready (esdb:\/\/127\.0\.0\.1:(\d+)\?tls=false)\n$/.exec(line.toString('utf8')) ?? [];
      port = found;
      const client = EventStoreDBClient.connectionString(address);
      const { nextExpectedRevision } = await client.appendToStream('thing-1', jsonEvent({ type: 'Noted', data: {} }));
      expect(nextExpectedRevision).toBe(revision);
      await client.dispose();
      child.kill('SIGTERM');
      expect(await once(child, 'exit')).toEqual([0, null]);
    } finally {
      child.kill('SIGKILL');
    }
  }
  rmSync(folder, { recursive: true });
});
