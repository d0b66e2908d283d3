import type { AgentContext } from '@tutti/agent-sdk';
import type { Program, ProgramEnd } from './program.port.js';

/** The programs of one agent: each ends with its attempt, all of them with the agent. */
export class RunningPrograms {
  private readonly running = new Set<Program>();

  /**
   * How the program ended. It is ended when the attempt is aborted.
   *
   * @throws the reason of the abort
   */
  async endOf(program: Program, { signal }: Pick<AgentContext, 'signal'>, killGraceMs: number): Promise<ProgramEnd> {
    const abort = (): void => program.end(killGraceMs);
    this.running.add(program);
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    try {
      const end = await program.ended;
      signal.throwIfAborted();
      return end;
    } finally {
      signal.removeEventListener('abort', abort);
      this.running.delete(program);
    }
  }

  /** Ends every program that still runs, and waits for that. */
  async close(): Promise<void> {
    const running = [...this.running];
    for (const program of running) program.end(0);
    await Promise.all(running.map((program) => program.ended));
  }
}
