import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const packageDir = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const root = dirname(dirname(packageDir));
const hasTerminal = spawnSync('script', ['--version']).status === 0;

let server: Server;
let home: string;
beforeAll(async () => {
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'scripts', 'build.mjs'), 'cli'], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`build failed: ${stderr}`);
  home = mkdtempSync(join(tmpdir(), 'tutti-secret-'));
  server = createServer((_request, response) => void response.end(JSON.stringify({ caller: { actor: 'key:ops', credential: {} } })));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(home, { recursive: true, force: true });
});

describe('a key that is asked for on a terminal', () => {
  if (!hasTerminal) {
    it('did not run: script(1), which makes a terminal, is not installed here', () => {
      expect(spawnSync('script', ['--version']).status).not.toBe(0);
    });
    return;
  }

  it('is taken and never shown', async () => {
    const { port } = server.address() as AddressInfo;
    const line = `"${process.execPath}" "${join(packageDir, 'bin', 'tutti.mjs')}" login --url http://127.0.0.1:${port}`;
    const child = spawn('script', ['-qec', line, '/dev/null'], {
      cwd: home,
      timeout: 30_000,
      env: { PATH: process.env['PATH'] ?? '', HOME: home, TERM: 'xterm' },
    });
    let out = '';
    child.stdout.on('data', (data: Buffer) => {
      const before = out;
      out += data.toString();
      if (out.includes('API key or token: ') && !before.includes('API key or token: ')) child.stdin.write('never-shown-secret\n');
    });
    await new Promise((resolve) => child.on('close', resolve));
    expect(out).toContain('key:ops');
    expect(out).not.toContain('never-shown');
    expect(readFileSync(join(home, '.config', 'tutti', 'config.toml'), 'utf8')).toContain('api_key = "never-shown-secret"');
  }, 40_000);
});
