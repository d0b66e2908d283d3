import type { AgentContext, AgentHost, AgentTask, JsonValue } from '@tutti/agent-sdk';
import { AgentFailure } from '@tutti/agent-sdk';
import type { AgentInstance, HostedAgent } from '@tutti/agent-workers';
import type { Life } from '../world/life.js';
import type { Chance } from '../world/chance.js';
import { QUIET_SCRIPT, type Script } from './script.js';

/** Told of everything that happens outside because of a task. */
export interface EffectWitness {
  effect(life: Life, task: AgentTask): void;
  /** An irreversible step happens. */
  irreversible(life: Life, task: AgentTask, name: string): void;
  /** Whether it has happened, as the world outside knows. */
  hasHappened(task: AgentTask, name: string): boolean;
}

interface AgentOptions {
  readonly life: Life;
  readonly chance: Chance;
  readonly witness: EffectWitness;
  /** Whom it writes to. */
  readonly others: readonly string[];
}

/** Does what the script in the task's input says: works, fails, refuses, hangs, goes on after it was aborted, answers rubbish. */
export class SimulatedAgent implements AgentInstance {
  private host: AgentHost | null = null;

  constructor(private readonly options: AgentOptions) {}

  async start(host: AgentHost): Promise<void> {
    this.host = host;
    await host.loadState();
  }

  async receive(): Promise<void> {
    await this.sleep(5);
    if (this.options.chance.happens(0.1)) throw new Error('not now');
  }

  async processTask(task: AgentTask, context: AgentContext): Promise<JsonValue> {
    const { life, witness, chance } = this.options;
    witness.effect(life, task);
    const { script = QUIET_SCRIPT } = task.input as { readonly script?: Script };
    await this.sleep(chance.skewed(0, script.ms));
    if (task.attempt <= script.until) await this.makeTrouble(script, context);
    for (let index = 1; index <= script.journal; index++) await this.journal(task, context, index);
    if (script.talks) await this.talk();
    if (task.attempt <= script.until && script.trouble === 'rubbish') return { value: Number.NaN };
    if (task.attempt <= script.until && script.trouble === 'misfit') return { other: true };
    const value = chance.int(0, 5);
    const verdict = { passed: value > 1, score: value, reason: `found ${value}`, exitCode: value > 1 ? 0 : 1 };
    return { value, good: task.feedback.length >= script.goodAfter, attempt: task.attempt, ...verdict };
  }

  private async makeTrouble({ trouble }: Script, { signal }: AgentContext): Promise<void> {
    if (trouble === 'error') throw new Error('it did not work this time');
    if (trouble === 'refusal') throw new AgentFailure('SIM_REFUSED', 'it will never work', { retryable: false });
    if (trouble === 'deaf') await new Promise(() => undefined);
    if (trouble === 'hang') {
      await new Promise((_, reject) => {
        if (signal.aborted) reject(signal.reason as Error);
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      });
    }
  }

  /** Steps of every kind; those that can be undone fail now and then. */
  private async journal(task: AgentTask, context: AgentContext, index: number): Promise<void> {
    const { life, witness, chance } = this.options;
    const name = `step-${index}`;
    const work = async (): Promise<JsonValue> => {
      await this.sleep(chance.skewed(0, 50));
      return { index };
    };
    if (index === 3) await context.step(name, work, { sideEffect: 'pure' });
    else if (index === 2) {
      const trying = async (): Promise<JsonValue> => {
        if (chance.happens(0.2)) throw new Error('it did not work this time');
        return work();
      };
      await context.step(name, trying, { sideEffect: 'compensable', compensate: { capability: 'sim.undo' } });
    } else {
      const once = (): Promise<JsonValue> => {
        witness.irreversible(life, task, name);
        return work();
      };
      const resolve = (): { happened: true; value: JsonValue } | { happened: false } =>
        witness.hasHappened(task, name) ? { happened: true, value: { index } } : { happened: false };
      await context.step(name, once, { sideEffect: 'irreversible', resolve });
    }
  }

  private async talk(): Promise<void> {
    const { host } = this;
    const { chance, others } = this.options;
    if (host === null) return;
    await host.saveState({ said: chance.int(0, 1_000) });
    await host.send({ recipient: chance.pick(others), messageType: 'sim.hello', content: { hello: true } });
  }

  private sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.options.life.runtime.timers.after(ms, resolve));
  }
}

/** One of the agents that every worker hosts. */
export function hostedAgent(name: string, capabilities: readonly string[], concurrency: number, options: AgentOptions): HostedAgent {
  const texts = { version: '1.0.0', description: '', role: '', prompt: '', model: '' };
  return {
    profile: {
      name,
      ...texts,
      capabilities,
      specialisations: [],
      tools: [],
      limits: { concurrency, timeoutMs: 0 },
      kind: 'class',
      metadata: {},
    },
    instance: new SimulatedAgent(options),
  };
}
