import { Agent, AgentFailure, type AgentContext, type AgentTask, type JsonValue } from '@tutti/agent-sdk';
import { z } from 'zod';
import { LineLog } from './collected-output.js';
import type { ProgramStarter } from './program.port.js';
import { RunningPrograms } from './running-programs.js';

export interface GateCommandOptions {
  /** Where programs run. Absolute. */
  readonly folder: string;
  /** What programs see besides what a gate gives. */
  readonly env: Readonly<Record<string, string>>;
  /** Between asking a program to end and ending it by force. */
  readonly killGraceMs: number;
}

/** What a `command` gate asks for. */
const gateInput = z.object({
  /** A program and its arguments, or one text for a shell. */
  run: z.union([z.string().min(1), z.array(z.string()).min(1)]),
  env: z.record(z.string(), z.unknown()).default({}),
  stdin: z.unknown(),
});

const OUTPUT_LIMITS = { maxLineCharacters: 8_000, maxLines: 0, tailCharacters: 4_000 };

/**
 * Runs the programs of `command` gates. Its output is `{exitCode, signal, stdout, stderr}`, the texts being the ends of what the program wrote; any
 * exit code is an answer. Values of a run reach a shell in environment variables, never in the text that it reads as code.
 */
export class GateCommandAgent extends Agent {
  private readonly programs = new RunningPrograms();

  constructor(
    private readonly options: GateCommandOptions,
    private readonly starter: ProgramStarter,
  ) {
    super();
  }

  override async processTask(task: AgentTask, context: AgentContext): Promise<JsonValue> {
    const { run, env: given, stdin } = readInput(task.input);
    const { folder, killGraceMs } = this.options;
    const stdout = new LineLog(OUTPUT_LIMITS, () => undefined);
    const stderr = new LineLog(OUTPUT_LIMITS, () => undefined);
    const hear = (log: LineLog) => (chunk: Uint8Array) => {
      context.heartbeat();
      log.add(chunk);
    };
    const env = { ...this.options.env, ...textsOf(given) };
    const input = stdin === undefined || stdin === null ? '' : `${JSON.stringify(stdin)}\n`;
    const program = this.starter.start(
      { command: commandOf(run), cwd: folder, env, input },
      { onStdout: hear(stdout), onStderr: hear(stderr) },
    );
    const end = await this.programs.endOf(program, context, killGraceMs);
    if (end.how === 'not-started') {
      const details = { error: end.code };
      throw new AgentFailure('AGENT_FAILED', `could not start ${commandOf(run)[0]} in ${folder}: ${end.message}`, { details });
    }
    const how = end.how === 'exited' ? { exitCode: end.code, signal: null } : { exitCode: null, signal: end.signal };
    return { ...how, stdout: stdout.tail(), stderr: stderr.tail() };
  }

  /** Ends every program that still runs, and waits for that. */
  async close(): Promise<void> {
    await this.programs.close();
  }
}

function readInput(input: JsonValue): z.infer<typeof gateInput> {
  const parsed = gateInput.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new AgentFailure(
    'INPUT_INVALID',
    `not what a command gate asks for: ${parsed.error.issues[0]?.message ?? 'expected {run, env, stdin}'}`,
  );
}

function commandOf(run: string | readonly string[]): readonly [string, ...string[]] {
  if (typeof run === 'string') return ['/bin/sh', '-c', run];
  const [program = '', ...args] = run;
  return [program, ...args];
}

function textsOf(values: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value ?? null)]),
  );
}
