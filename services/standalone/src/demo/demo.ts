import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createEnvironment, runProgram } from '@tutti/cli';
import type { Standalone } from '../standalone.js';
import { approveAsDemo } from './demo-approver.js';

const EXAMPLE = fileURLToPath(new URL('../../../../examples/clinic-scheduling/requirements.md', import.meta.url));

interface DemoOptions {
  /** A person decides, instead of the recorded actor `demo`. */
  readonly ask: boolean;
  readonly print: (line: string) => void;
  readonly onStop: (callback: () => void) => () => void;
}

/** Carries the example through `architecture-design` as `tutti run` would, live in the terminal. */
export async function runDemo(standalone: Standalone, { ask, print, onStop }: DemoOptions): Promise<void> {
  const { url, token, dataDir } = standalone;
  print(`carrying ${relative(process.cwd(), EXAMPLE)} through architecture-design`);
  const out = join(dataDir, 'documents', 'clinic-scheduling');
  const stopApproving = ask ? () => undefined : approveAsDemo(standalone);
  const argv = [
    'run',
    'architecture-design',
    '--input',
    `prd=@${EXAMPLE}`,
    '--label',
    'demo=true',
    '--out',
    resolve(out),
    '--url',
    url,
    '--token',
    token,
  ];
  try {
    await runProgram(createEnvironment({ argv, onInterrupt: onStop }));
    print(`serving at ${url} until interrupted (Ctrl-C)`);
  } finally {
    stopApproving();
  }
}
