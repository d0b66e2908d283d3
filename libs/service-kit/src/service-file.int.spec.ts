import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readServiceInfo, removeServiceInfo, writeServiceInfo } from './service-file.js';

const INFO = { address: '127.0.0.1:4711', pid: 12 };

describe('the file that says where a service is', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tutti-service-file-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is found by others, one for each role, readable to its owner only and without leftovers', async () => {
    await writeServiceInfo(folder, 'coordinator', { address: '127.0.0.1:1', pid: 11 });
    await writeServiceInfo(folder, 'coordinator', INFO);
    await writeServiceInfo(folder, 'registry', { address: '127.0.0.1:2', pid: 13 });
    expect(await readServiceInfo(folder, 'coordinator')).toEqual(INFO);
    expect(readdirSync(folder).sort()).toEqual(['coordinator.json', 'registry.json']);
    expect(statSync(join(folder, 'coordinator.json')).mode & 0o777).toBe(0o600);
  });

  it('that is not there, or not whole, is something to try again', async () => {
    const away = expect.objectContaining({ code: 'SHUTTING_DOWN', retryable: true, message: expect.stringContaining('registry.json') });
    await expect(readServiceInfo(folder, 'registry')).rejects.toEqual(away);
    writeFileSync(join(folder, 'registry.json'), '{"address":"127.0.');
    await expect(readServiceInfo(folder, 'registry')).rejects.toEqual(away);
  });

  it('is removed by the process that it is about, not by one before it', async () => {
    await writeServiceInfo(folder, 'workers', INFO);
    await removeServiceInfo(folder, 'workers', 11);
    expect(await readServiceInfo(folder, 'workers')).toEqual(INFO);
    await removeServiceInfo(folder, 'workers', INFO.pid);
    await removeServiceInfo(folder, 'workers', INFO.pid);
    expect(readdirSync(folder)).toEqual([]);
  });
});
