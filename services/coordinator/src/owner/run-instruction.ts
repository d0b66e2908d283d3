import type { RunCommand } from '../run/run.commands.js';

/** A command without the time and chance that the owner adds. */
export type RunInstruction = RunCommand extends infer C ? (C extends RunCommand ? Omit<C, 'nowMs' | 'random'> : never) : never;

export interface Sender {
  readonly actor: string;
  readonly traceparent?: string | null;
}
