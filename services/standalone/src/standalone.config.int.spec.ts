import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { configuredFolders, readConfig } from './standalone.config.js';

describe('readConfig', () => {
  let cwd = '';
  beforeEach(() => {
    cwd = mkdtempSync(join(tmpdir(), 'tutti-config-'));
  });
  afterEach(() => rmSync(cwd, { recursive: true, force: true }));

  it('has a default for everything', async () => {
    expect(await readConfig(cwd, {}, {})).toMatchObject({
      dataDir: '.tutti',
      gateway: { host: '127.0.0.1', port: 4700 },
      coordinator: { workerGraceMs: 10_000 },
      workers: { agentPackages: ['@tutti/architecture-design', '@tutti/phased-delivery'] },
    });
  });

  it('lets the environment win over the file, and flags over both', async () => {
    writeFileSync(join(cwd, 'tutti.yaml'), 'dataDir: from-file\nlogLevel: warn\ngateway: {port: 1}\n');
    const config = await readConfig(cwd, { TUTTI_GATEWAY__PORT: '2', TUTTI_DATA_DIR: 'from-env' }, { dataDir: 'from-flag' });
    expect(config).toMatchObject({ dataDir: 'from-flag', logLevel: 'warn', gateway: { port: 2 } });
  });

  it('keeps its own defaults beside what is set', async () => {
    const config = await readConfig(cwd, { TUTTI_WORKERS__AGENT_FOLDERS: 'a, b', TUTTI_COORDINATOR__MAX_OPEN_RUNS: '7' }, {});
    expect(config).toMatchObject({
      workers: { agentFolders: ['a', 'b'], agentPackages: ['@tutti/architecture-design', '@tutti/phased-delivery'] },
      coordinator: { maxOpenRuns: 7, workerGraceMs: 10_000 },
    });
  });

  it('reads the file of the environment that is named', async () => {
    mkdirSync(join(cwd, 'config'));
    writeFileSync(join(cwd, 'config', 'staging.yaml'), 'logLevel: error\n');
    expect(await readConfig(cwd, { TUTTI_ENVIRONMENT: 'staging' }, {})).toMatchObject({ logLevel: 'error' });
  });

  it('says every problem at once', async () => {
    writeFileSync(join(cwd, 'tutti.yaml'), 'logLevel: loud\ncolour: red\ngateway: {port: 99999}\n');
    await expect(readConfig(cwd, {}, {})).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      details: {
        problems: expect.arrayContaining([
          expect.stringContaining('logLevel'),
          expect.stringContaining('colour'),
          expect.stringContaining('gateway.port'),
        ]),
      },
    });
  });

  it('refuses a named file that is not there', async () => {
    await expect(readConfig(cwd, { TUTTI_CONFIG_FILE: 'nope.yaml' }, {})).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      message: expect.stringContaining('nope.yaml'),
    });
  });

  it('does not take the command line client’s variables for settings', async () => {
    expect(await readConfig(cwd, { TUTTI_ADDRESS: 'http://127.0.0.1:1', TUTTI_API_KEY: 'x' }, {})).toMatchObject({ dataDir: '.tutti' });
  });

  it('says which folders it names, from the file and the environment, absolute', async () => {
    writeFileSync(join(cwd, 'tutti.yaml'), 'workflowFolders: [./workflows]\n');
    expect(await configuredFolders(cwd, { TUTTI_WORKERS__AGENT_FOLDERS: 'a,/b' })).toEqual({
      workflowFolders: [join(cwd, 'workflows')],
      agentFolders: [join(cwd, 'a'), '/b'],
    });
  });
});
