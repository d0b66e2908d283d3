import { createInterface, type Interface } from 'node:readline';
import { Writable } from 'node:stream';
import type { Cancel } from '@tutti/kernel';
import type { Keyboard } from '../environment.port.js';

const CTRL_C = '\u0003';

/** Keys and answers from a terminal. The input is only read, and only raw, while somebody listens; afterwards it keeps no process alive. */
export function createKeyboard(stdin: NodeJS.ReadStream, prompt: NodeJS.WriteStream, interrupt: () => void): Keyboard {
  const listeners = new Set<(key: string) => void>();
  const onData = (chunk: Buffer): void => {
    for (const key of chunk.toString('utf8')) {
      if (key === CTRL_C) interrupt();
      else for (const listener of [...listeners]) listener(key);
    }
  };
  const askLine = (question: string, lines: Interface): Promise<string | null> =>
    new Promise((resolve) => {
      lines.on('SIGINT', interrupt);
      lines.on('close', () => resolve(null));
      lines.question(question, (answer) => {
        resolve(answer);
        lines.close();
      });
    });
  return {
    isTty: stdin.isTTY === true,
    onKey(callback): Cancel {
      if (listeners.size === 0) {
        if (stdin.isTTY) stdin.setRawMode(true);
        stdin.on('data', onData);
        stdin.resume();
      }
      listeners.add(callback);
      return () => {
        if (!listeners.delete(callback) || listeners.size > 0) return;
        stdin.off('data', onData);
        if (stdin.isTTY) stdin.setRawMode(false);
        stdin.pause();
      };
    },
    ask: (question) => askLine(question, createInterface({ input: stdin, output: prompt })),
    async askSecret(question) {
      // Readline echoes by writing to its output: this one swallows it. The terminal itself echoes no more once readline has it, and only then is asked.
      const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
      const lines = createInterface({ input: stdin, output: silent, terminal: stdin.isTTY === true });
      prompt.write(question);
      const answer = await askLine('', lines);
      prompt.write('\n');
      return answer;
    },
    async readAll() {
      let text = '';
      for await (const chunk of stdin) text += String(chunk);
      return text;
    },
  };
}
