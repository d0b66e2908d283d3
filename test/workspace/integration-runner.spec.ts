import { describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { root } from './tracked-files.js';

const SPEC = 'libs/blobs/src/gridfs/gridfs-blobs.integration.spec.ts';

interface Ended {
  readonly code: number;
  /** On both streams, as it came. */
  readonly said: string;
  readonly printed: string;
}

/** What `npm run test:integration` does, on a machine with no Java, no Maven, no Docker and no address. */
async function runWithoutParts(...args: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, ['scripts/test-integration.mjs', '--source', 'environment,native', ...args], {
    cwd: root,
    env: { PATH: tmpdir(), HOME: tmpdir() },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  let printed = '';
  child.stdout.on('data', (chunk: Buffer) => (printed += String(chunk)));
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += String(chunk)));
  const [code] = (await once(child, 'close')) as [number];
  return { code, said, printed };
}

describe('npm run test:integration without the parts that its specs need', () => {
  it('says what is missing and why, lists what did not run, and fails', async () => {
    const { code, said, printed } = await runWithoutParts(SPEC);
    expect(said).toMatch(/^mongo: MISSING: .*no mvn and no java and no javac on the PATH$/m);
    expect(said).toContain(`NOT RUN: ${SPEC}: missing: mongo`);
    expect(printed.trimEnd().split('\n').at(-1)).toBe('0 passed, 0 failed, 1 skipped');
    expect(code).toBe(1);
  });

  it('lists it and does not fail when it was told that the part may be missing', async () => {
    const { code, said } = await runWithoutParts('--may-miss', 'mongo', SPEC);
    expect(said).toContain(`NOT RUN: ${SPEC}: missing: mongo`);
    expect(code).toBe(0);
  });

  it.each([
    [['--may-miss', 'redis', SPEC], '--may-miss has no redis'],
    [['no-such-spec'], 'No *.integration.spec.ts has no-such-spec in its path.'],
    [['--limit', 'long', SPEC], '--limit long is no number of seconds.'],
  ])('refuses %j', async (args, reason) => {
    const { code, said } = await runWithoutParts(...args);
    expect(said).toContain(reason);
    expect(code).not.toBe(0);
  });
});
