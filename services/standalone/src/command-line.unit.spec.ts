import { describe, expect, it } from '@jest/globals';
import { parseCommandLine } from './command-line.js';

describe('parseCommandLine', () => {
  it('serves without the demonstration unless asked', () => {
    expect(parseCommandLine([])).toMatchObject({ demo: false, ask: false, dataDir: undefined, port: undefined });
    expect(parseCommandLine(['--demo', '--ask', '--data-dir', 'd', '--port', '0'])).toMatchObject({
      demo: true,
      ask: true,
      dataDir: 'd',
      port: '0',
    });
    expect(parseCommandLine(['--demo', '--no-demo'])).toMatchObject({ demo: false });
  });

  it('only says which folders are configured when asked', () => {
    expect([parseCommandLine([]).folders, parseCommandLine(['--folders']).folders]).toEqual([false, true]);
  });

  it('refuses what it does not know, with the usage', () => {
    expect(() => parseCommandLine(['--nope'])).toThrow(/--nope[\s\S]*Usage:/);
  });
});
