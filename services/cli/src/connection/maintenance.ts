import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { Environment } from '../environment.port.js';
import { EXIT, exitCodeFor } from '../failure/exit-codes.js';
import { Failure } from '../failure/failure.js';
import { standaloneFile } from './standalone-entry.js';

interface MaintenanceRequest {
  readonly command: 'backup' | 'restore' | 'check';
  readonly dataDir: string;
  /** Of the backup. */
  readonly folder?: string;
}

const answerSchema = z.union([
  z.object({ ok: z.record(z.string(), z.unknown()) }),
  z.object({ error: z.object({ code: z.string(), message: z.string() }) }),
]);

/**
 * Works on a data folder's files by a process of its own, and answers what it found.
 *
 * @throws Failure with the process's own code, INTERRUPTED, or NOT_RUNNING when @tutti/standalone is not installed
 */
export async function maintain(
  environment: Environment,
  { command, dataDir, folder }: MaintenanceRequest,
): Promise<Readonly<Record<string, unknown>>> {
  const output = join(tmpdir(), `tutti-${command}-${environment.runtime.ids.next()}.json`);
  const args = [
    standaloneFile('maintenance/main.js'),
    command,
    '--data-dir',
    dataDir,
    ...(folder === undefined ? [] : ['--folder', folder]),
  ];
  try {
    const child = environment.processes.spawnNode(args, { appendTo: output });
    let interrupted = false;
    const stop = environment.interrupts.onInterrupt(() => {
      interrupted = true;
      child.kill('SIGKILL');
    });
    const { code, signal } = await child.exited;
    stop();
    if (interrupted)
      throw new Failure('INTERRUPTED', `the ${command} was interrupted; nothing of it counts`, { exitCode: EXIT.interrupted });
    const text = await readFile(output, 'utf8').catch(() => '');
    const answer = answerSchema.safeParse(parse(text.trimEnd().split('\n').at(-1) ?? ''));
    if (!answer.success)
      throw new Failure('INTERNAL', `the ${command} ended without an answer (${signal ?? `exit code ${code}`}): ${text.trim()}`, {
        exitCode: EXIT.failed,
      });
    if ('ok' in answer.data) return answer.data.ok;
    const { error } = answer.data;
    throw new Failure(error.code, error.message, { exitCode: exitCodeFor(error.code, 500) });
  } finally {
    await rm(output, { force: true });
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
