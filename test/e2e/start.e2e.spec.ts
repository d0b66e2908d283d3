import { existsSync, readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { buildProduct } from '../product/build.js';
import { cleanUp, Standalone } from '../product/standalone-process.js';

const LIMIT_MS = 60_000;

beforeAll(buildProduct, LIMIT_MS);
afterAll(cleanUp);

describe('the demonstration', () => {
  it(
    'carries the example to a document of eleven sections that says who approved, and ends in order at SIGINT',
    async () => {
      const { folder, program } = Standalone.launch({ args: ['--demo'] });
      await program.printed(/^ready http:\/\/127\.0\.0\.1:\d+$/m);
      const [, path = ''] = await program.printed(/^document (\S+)$/m);
      const document = readFileSync(isAbsolute(path) ? path : join(folder, path), 'utf8');
      const sections = [...document.matchAll(/^## (\d+)\. \S/gm)].map(([, number]) => Number(number));
      expect(sections).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
      expect(document).toContain('**Status:** approved by demo (demonstration: no person decided)');
      expect(document).not.toContain('awaiting approval');
      expect(program.isAlive).toBe(true);
      expect(await program.stop('SIGINT')).toMatchObject({ code: 0, err: expect.not.stringContaining('rror') });
      expect(() => process.kill(program.pid, 0)).toThrow('ESRCH');
      expect(existsSync(join(folder, 'data', 'server.json'))).toBe(false);
    },
    LIMIT_MS,
  );

  it(
    'ends in order when it is interrupted before it has come up',
    async () => {
      const { folder, program } = Standalone.launch({ args: ['--demo'] });
      program.signal('SIGINT');
      await program.ended;
      expect(existsSync(join(folder, 'data', 'server.json'))).toBe(false);
    },
    LIMIT_MS,
  );

  it(
    'is where it was after it was killed: the run of before is there, and it serves',
    async () => {
      const first = Standalone.launch({ args: ['--demo'] });
      await first.program.printed(/^document \S+$/m);
      await first.program.stop('SIGKILL');
      const again = await Standalone.start({ folder: first.folder });
      const { json } = await again.call('GET', '/v1/runs');
      expect(json['runs']).toMatchObject([{ workflow: 'architecture-design', status: 'succeeded', labels: { demo: 'true' } }]);
      const { json: approvals } = await again.call('GET', '/v1/approvals');
      expect(approvals['approvals']).toMatchObject([{ status: 'approved', decidedBy: 'demo' }]);
      expect(await again.stop('SIGINT')).toMatchObject({ code: 0 });
    },
    LIMIT_MS,
  );
});

describe('a start', () => {
  it(
    'writes its log to a file of the data folder, and says its page with the token that it made',
    async () => {
      const system = await Standalone.start();
      const [, page] = await system.program.printed(/^page (\S+)$/m);
      expect(page).toBe(`${system.url}/#token=${system.token}`);
      const { err } = await system.stop();
      expect(err).toBe('');
      expect(readFileSync(join(system.dataDir, 'tutti.log'), 'utf8')).toContain('"msg":"ready"');
    },
    LIMIT_MS,
  );

  it(
    'writes its log to standard error where it is told to, and never says a token that it was given',
    async () => {
      const token = 'given-to-this-start-0123456789';
      const { folder, program } = Standalone.launch({ env: { TUTTI_LOG_TO: 'stderr', TUTTI_GATEWAY__TOKEN: token } });
      const [, url] = await program.printed(/^ready (\S+)$/m);
      const [, page] = await program.printed(/^page (\S+)$/m);
      expect(page).toBe(`${url}/`);
      const { out, err } = await program.stop();
      expect(err).toContain('"msg":"ready"');
      expect(`${out}${err}`).not.toContain(token);
      expect(existsSync(join(folder, 'data', 'tutti.log'))).toBe(false);
    },
    LIMIT_MS,
  );
});
