import { Agent, AgentFailure, type AgentContext, type AgentTask, type JsonValue } from '@tutti/agent-sdk';
import { CollectedOutput, LineLog } from './collected-output.js';
import type { ProgramEnd, ProgramSpec, ProgramStarter } from './program.port.js';
import { RunningPrograms } from './running-programs.js';

export interface CommandAgentOptions {
  readonly command: ProgramSpec['command'];
  readonly cwd: string;
  /** The program's whole environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly maxOutputBytes: number;
  /** Between asking a program to end and ending it by force. */
  readonly killGraceMs: number;
}

const STDERR_LIMITS = { maxLineCharacters: 8_000, maxLines: 1_000, tailCharacters: 4_000 };
const PREVIEW_CHARACTERS = 200;
/** It ran out of something that others will give back. */
const RETRYABLE_START_ERRORS = new Set(['EAGAIN', 'ENOMEM', 'EMFILE', 'ENFILE', 'ETXTBSY']);

/**
 * A program as an agent, run once per attempt. It reads one JSON object from standard input: `taskId`, `runId`, `step`, `capability`,
 * `attempt`, `input`, `feedback`, `idempotencyKey`, `prompt`. It writes one JSON value, the task's output, to standard output. Lines on
 * standard error go to the log.
 *
 * An exit code other than 0 fails the attempt with the end of standard error. It may be tried again, except for the codes 64 to 78 of
 * sysexits.h, by which programs say that their input or set-up is wrong; of these, 75 (EX_TEMPFAIL) asks for another try. Output that is
 * not JSON, or too long, is not tried again.
 *
 * When the attempt is aborted, or the program ends, nothing that it started goes on: SIGTERM, then SIGKILL.
 */
export class CommandAgent extends Agent {
  private readonly programs = new RunningPrograms();

  constructor(
    private readonly options: CommandAgentOptions,
    private readonly starter: ProgramStarter,
  ) {
    super();
  }

  override async processTask(task: AgentTask, context: AgentContext): Promise<JsonValue> {
    const { command, cwd, env, maxOutputBytes, killGraceMs } = this.options;
    const stdout = new CollectedOutput(maxOutputBytes);
    const stderr = new LineLog(STDERR_LIMITS, (line) => {
      // A program that says something is alive.
      context.heartbeat();
      context.log('info', line, { stream: 'stderr' });
    });
    const input = `${JSON.stringify({ ...task, prompt: context.profile.prompt })}\n`;
    const onStdout = (chunk: Uint8Array): void => {
      if (!stdout.add(chunk)) program.end(0);
    };
    const program = this.starter.start({ command, cwd, env, input }, { onStdout, onStderr: (chunk) => stderr.add(chunk) });
    const end = await this.programs.endOf(program, context, killGraceMs).finally(() => stderr.end());
    return this.outputOf(end, stdout, stderr.tail());
  }

  /** Ends every program that still runs, and waits for that. */
  async close(): Promise<void> {
    await this.programs.close();
  }

  private outputOf(end: ProgramEnd, stdout: CollectedOutput, stderrTail: string): JsonValue {
    const name = this.options.command[0];
    if (end.how === 'not-started') {
      throw new AgentFailure('AGENT_FAILED', `could not start ${name} in ${this.options.cwd}: ${end.message}`, {
        retryable: RETRYABLE_START_ERRORS.has(end.code),
        details: { error: end.code },
      });
    }
    if (stdout.overflown)
      throw new AgentFailure('AGENT_FAILED', `${name} wrote more than ${this.options.maxOutputBytes} bytes to standard output`);
    if (end.how === 'killed')
      throw new AgentFailure('AGENT_FAILED', `${name} was ended by ${end.signal}${behind(stderrTail)}`, {
        retryable: true,
        details: { signal: end.signal, stderr: stderrTail },
      });
    if (end.code !== 0) {
      throw new AgentFailure('AGENT_FAILED', `${name} ended with code ${end.code}${behind(stderrTail)}`, {
        retryable: mayRetry(end.code),
        details: { exitCode: end.code, stderr: stderrTail },
      });
    }
    const text = stdout.text();
    try {
      return JSON.parse(text) as JsonValue;
    } catch (error) {
      const preview = text.length > PREVIEW_CHARACTERS ? `${text.slice(0, PREVIEW_CHARACTERS)}…` : text;
      const found = text.trim() === '' ? 'nothing' : JSON.stringify(preview);
      throw new AgentFailure(
        'AGENT_FAILED',
        `${name} must write one JSON value to standard output, found ${found}: ${(error as Error).message}`,
      );
    }
  }
}

function mayRetry(exitCode: number): boolean {
  const tempFail = 75;
  return exitCode < 64 || exitCode > 78 || exitCode === tempFail;
}

function behind(stderrTail: string): string {
  return stderrTail === '' ? '' : `: ${stderrTail}`;
}
