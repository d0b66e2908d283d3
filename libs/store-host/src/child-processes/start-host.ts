import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface HostProcess {
  /** Ends it with SIGKILL and waits until it is gone. */
  readonly kill: () => Promise<void>;
}

/** Another process that holds the folder and serves it; resolves when it does. */
export async function startHost(folder: string): Promise<HostProcess> {
  const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
  const flags = [
    '--experimental-transform-types',
    '--no-warnings',
    '--conditions=@tutti/source',
    '--import',
    path('typescript-sources.mjs'),
  ];
  const child = spawn(process.execPath, [...flags, path('serve-folder.ts'), folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = once(child, 'close');
  const kill = async () => {
    child.kill('SIGKILL');
    await closed;
  };
  for await (const line of createInterface({ input: child.stdout })) if (line === 'serving') return { kill };
  throw new Error(`the store host ended with ${String(child.exitCode)} before it served ${folder}`);
}
