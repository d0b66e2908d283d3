import { AgentFailure, type AgentContext, type AgentTask, type JsonValue } from '@tutti/agent-sdk';
import type { AgentInstance, HostedAgent } from '@tutti/agent-workers';
import { parseDuration } from '@tutti/contracts';
import { TuttiError, type Runtime } from '@tutti/kernel';
import type { Life } from '@tutti/simulation';
import type { AgentCall, Failure, NamedTestAgents, TestAgent, TestAgents, TestContext, TestHandler } from './test-agent.js';

const CONCURRENCY = 100;

/** An agent's work on one attempt. */
interface Work {
  readonly call: AgentCall;
  readonly life: Life;
  /** Its step wants signs of life. */
  readonly mustShowSigns: boolean;
  /** Promises of the simulated system that it waits for. When there are none it waits for something outside. */
  waits: number;
}

/** The agents of a test kit: they do what the test says, fail when it wants that, and what reached them is remembered. */
export class FakeAgents {
  readonly calls: AgentCall[] = [];
  private readonly works = new Set<Work>();
  private readonly failures = new Map<string, (Required<Failure> & { left: number })[]>();

  constructor(
    private readonly agents: TestAgents,
    private readonly now: () => Date,
  ) {}

  /** As one life of the process has them. */
  hosted(life: Life): readonly HostedAgent[] {
    return Object.entries(this.agents).flatMap(([capability, given]) => {
      const { names, agent, concurrency = CONCURRENCY } = isNamed(given) ? given : { names: [agentName(capability)], agent: given };
      return names.map((name) => hostedAgent(name, capability, concurrency, this.watched(instanceOf(agent, life.runtime), life)));
    });
  }

  fail(capability: string, failure: Failure): void {
    if (this.agents[capability] === undefined)
      throw new TuttiError('INVALID_REQUEST', `no agent of this kit does ${capability}; it has ${Object.keys(this.agents).join(', ')}`);
    const { times = 1, code = 'INJECTED_FAILURE', message = 'failed as the test wants', retryable = true, afterwards = false } = failure;
    const queue = this.failures.get(capability) ?? [];
    queue.push({ times, code, message, retryable, afterwards, left: times });
    this.failures.set(capability, queue);
  }

  /** Somebody's work waits for what simulated time will not bring: a real timer, a file, a mock with a delay. */
  waitsOutside(): AgentCall | null {
    for (const work of this.works) if (work.waits === 0 && work.life.alive) return work.call;
    return null;
  }

  /** Somebody works under a `heartbeatTimeout`. */
  mustShowSigns(): boolean {
    for (const work of this.works) if (work.mustShowSigns && work.life.alive) return true;
    return false;
  }

  private watched(instance: AgentInstance, life: Life): AgentInstance {
    const { start, receive, close } = instance;
    return {
      processTask: (task, context) => this.work(instance, life, task, context),
      ...(start === undefined ? {} : { start: (host) => start.call(instance, host) }),
      ...(receive === undefined ? {} : { receive: (message) => receive.call(instance, message) }),
      ...(close === undefined ? {} : { close: () => close.call(instance) }),
    };
  }

  private async work(instance: AgentInstance, life: Life, task: AgentTask, context: AgentContext): Promise<JsonValue> {
    const { capability, runId, step, attempt, input, feedback, idempotencyKey } = task;
    const call = { capability, agent: context.profile.name, runId, step, attempt, input, feedback, idempotencyKey, at: this.now() };
    this.calls.push(call);
    const failure = this.nextFailure(capability);
    if (failure?.afterwards === false) throw asAgentFailure(failure);
    // The host's own member, which no agent is to see.
    const { heartbeatMs = null } = context as { readonly heartbeatMs?: number | null };
    const work: Work = { call, life, mustShowSigns: heartbeatMs !== null, waits: 0 };
    this.works.add(work);
    try {
      const output = await instance.processTask(task, watchedContext(context, work));
      if (failure !== undefined) throw asAgentFailure(failure);
      return output;
    } finally {
      this.works.delete(work);
    }
  }

  private nextFailure(capability: string): Required<Failure> | undefined {
    const queue = this.failures.get(capability) ?? [];
    const [next] = queue;
    if (next === undefined) return undefined;
    if (--next.left === 0) queue.shift();
    return next;
  }
}

/** The same context; while what it gave is waited for, the work is not waiting outside. */
function watchedContext(context: AgentContext, work: Work): AgentContext {
  const watch = async <Value>(promise: Promise<Value>): Promise<Value> => {
    work.waits++;
    try {
      return await promise;
    } finally {
      work.waits--;
    }
  };
  return {
    profile: context.profile,
    get signal() {
      return context.signal;
    },
    log: (level, message, fields) => context.log(level, message, fields),
    progress: (fraction, note) => context.progress(fraction, note),
    heartbeat: (details) => context.heartbeat(details),
    apiToken: () => context.apiToken(),
    step: (name, inner, options) => {
      // What the step itself does is the agent's own work again.
      const own: typeof inner = async (call) => {
        work.waits--;
        try {
          return await inner(call);
        } finally {
          work.waits++;
        }
      };
      return watch(context.step(name, own, options));
    },
    [WATCH]: watch,
  } as WatchedContext;
}

const WATCH = Symbol('watch');
type WatchedContext = AgentContext & { readonly [WATCH]: <Value>(promise: Promise<Value>) => Promise<Value> };

/** A fake has simulated time at hand. */
function fake(handler: TestHandler, { timers }: Runtime): AgentInstance {
  return {
    processTask: async (task, context) => {
      const { [WATCH]: watch } = context as WatchedContext;
      const aborted = (onAbort: (reason: Error) => void): void => {
        const { signal } = context;
        const tell = (): void => onAbort(signal.reason as Error);
        if (signal.aborted) tell();
        else signal.addEventListener('abort', tell, { once: true });
      };
      const own: TestContext = Object.create(context, {
        task: { value: task },
        sleep: {
          value: (length: string) =>
            watch(
              new Promise<void>((resolve, reject) => {
                const cancel = timers.after(millisecondsOf(length), resolve);
                aborted((reason) => {
                  cancel();
                  reject(reason);
                });
              }),
            ),
        },
        hang: { value: () => watch(new Promise<never>((_, reject) => aborted((reason) => reject(reason)))) },
      }) as TestContext;
      return ((await handler(task.input, own)) ?? null) as JsonValue;
    },
  };
}

/** @throws TuttiError INVALID_REQUEST */
export function millisecondsOf(length: string): number {
  const parsed = parseDuration(length);
  if (parsed === null)
    throw new TuttiError('INVALID_REQUEST', `expected a duration like "500ms", "30s", "5m", "2h" or "7d", found "${length}"`);
  return parsed;
}

function instanceOf(agent: TestAgent, runtime: Runtime): AgentInstance {
  if (typeof agent !== 'function') return agent;
  if (isAgentClass(agent)) return new agent();
  return fake(agent, runtime);
}

function isAgentClass(agent: object): agent is new () => AgentInstance {
  const { prototype } = agent as { readonly prototype?: Partial<AgentInstance> };
  return typeof prototype?.processTask === 'function';
}

function isNamed(given: TestAgent | NamedTestAgents): given is NamedTestAgents {
  return typeof given === 'object' && 'names' in given;
}

function agentName(capability: string): string {
  return capability.replaceAll('.', '-');
}

function asAgentFailure({ code, message, retryable }: Required<Failure>): AgentFailure {
  return new AgentFailure(code, message, { retryable });
}

function hostedAgent(name: string, capability: string, concurrency: number, instance: AgentInstance): HostedAgent {
  const texts = { version: '1.0.0', description: '', role: '', prompt: '', model: '' };
  const rest = { specialisations: [], tools: [], limits: { concurrency, timeoutMs: 0 }, kind: 'class', metadata: {} } as const;
  return { profile: { name, ...texts, capabilities: [capability], ...rest }, instance };
}
