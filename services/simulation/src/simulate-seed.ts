import { coordinatorConfig } from '@tutti/coordinator';
import { sha256Hex, toTuttiError, type JsonObject } from '@tutti/kernel';
import { FAULTS_OVER_MS, faultSchedule, type Fault } from './faults/fault-schedule.js';
import { describeEvent } from './observer/describe-report.js';
import { DEADLINE_BOUND_MS, Observer } from './observer/observer.js';
import { compareReadModels } from './observer/read-model-check.js';
import type { SeedReport } from './observer/seed-report.js';
import type { Sabotage } from './system/sabotage.js';
import { SimulatedSystem, type Layout } from './system/simulated-system.js';
import { Approver } from './workload/approver.js';
import { Client, type RunOrder } from './workload/client.js';
import { CHILD_WORKFLOW } from './workload/generated-verbs.js';
import { CAPABILITIES, COMMON_CAPABILITIES, generatedWorkflow, WORKFLOWS } from './workload/generated-workflow.js';
import { Meddler } from './workload/meddler.js';
import { Registrar } from './workload/registrar.js';
import { CHANNEL_NAME } from './workload/simulated-channel.js';
import { hostedAgent } from './workload/simulated-agent.js';
import { Chance } from './world/chance.js';

export interface SeedOptions {
  /** Gets a line for whatever happens. */
  readonly trace?: (line: string) => void;
  readonly sabotage?: Sabotage;
}

const NAMES = ['writer', 'reviewer', 'counter'];
/** All runs have ended by then, or never will. */
const BOUND_MS = FAULTS_OVER_MS + 3 * 3_600_000;
const DUE_CHECK_MS = 10_000;
const MAX_STEPS = 400_000;
const QUIET_COORDINATOR = coordinatorConfig.parse({});
const TELLING_COORDINATOR = coordinatorConfig.parse({
  notifications: {
    channels: [{ name: CHANNEL_NAME, kind: 'webhook', url: 'https://chat.example/hook', secretEnv: 'CHAT_SECRET' }],
    rules: [{ on: ['approval.requested', 'run.failed'], channel: CHANNEL_NAME }],
  },
});
/** With these alone an append takes no longer than usual. */
const SEATS_STAY: ReadonlySet<Fault['kind']> = new Set(['clock-jump', 'bad-bus', 'read-models-fail', 'pause-worker', 'crash-worker']);

/** One system from its start to the end of all of its runs, under the faults of the seed. */
export async function simulateSeed(seed: number, options: SeedOptions = {}): Promise<SeedReport> {
  const plan = new Chance(seed, 'plan');
  const layout = layoutOf(plan);
  const faults = faultSchedule(new Chance(seed, 'faults'), layout);
  const concurrency = plan.pick([1, 2, 10]);
  const chosen = Array.from({ length: plan.int(1, 3) }, () => generatedWorkflow(plan.int(0, WORKFLOWS - 1)));
  const { sabotage = {} } = options;
  const system: SimulatedSystem = new SimulatedSystem({
    ...{ seed, layout },
    coordinator: chosen.some(({ theme }) => theme === 'verbs') ? TELLING_COORDINATOR : QUIET_COORDINATOR,
    inlineLimitBytes: plan.happens(0.2) ? 60 : 65_536,
    hosted: (life) =>
      NAMES.map((name, index) =>
        hostedAgent(name, capabilitiesOf(index), concurrency + (sabotage.extraSeats ?? 0), {
          life,
          chance: system.chance,
          witness: observer,
          others: NAMES,
        }),
      ),
    onCommitted: (events) => {
      if (options.trace !== undefined) for (const event of events) system.trace(describeEvent(event));
      observer.committed(events);
    },
    claims: (channel) => observer.listen(channel),
    onFailure: (_, error) => {
      const { kind, retryable } = toTuttiError(error);
      if (kind === 'internal' && !retryable) observer.report('nothing fails in a way that nobody foresaw', String(error));
    },
    trace: options.trace ?? null,
    sabotage,
  });
  const observer = new Observer(system.store.log, {
    oneOwner: layout.servers === 1,
    seats: concurrency,
    now: () => system.scheduler.nowMs,
    toleranceMs: faults.every(({ kind }) => SEATS_STAY.has(kind)) ? 100 : 120_000,
    trace: options.trace === undefined ? null : (line) => system.trace(line),
  });
  const outside = system.outsideLife('outside', system.chance);
  const parts = { life: outside, chance: system.chance, link: system.link, servers: system.servers, partitions: system.partitions };
  const client = new Client({ ...parts, promises: observer });
  const orders = ordersOf(plan, chosen);
  const workflows = chosen.some(({ theme }) => theme === 'verbs') ? [CHILD_WORKFLOW, ...chosen] : chosen;
  new Approver({ ...parts, onDecided: (id, hash) => observer.decided(id, hash), everyMs: plan.pick([500, 5_000, 60_000]) }).begin();
  if (plan.happens(0.2)) new Registrar(parts).begin();
  if (workflows.length > chosen.length) new Meddler({ ...parts, runs: () => observer.knownRuns(), sources: observer.sources }).begin();
  for (const { name, source } of workflows) observer.knows(name, source);
  system.start();
  let registered = false;
  void Promise.all(workflows.map(({ source }) => client.registers(sabotage.source?.(source) ?? source))).then(
    () => {
      registered = true;
      for (const order of orders) client.order(order);
    },
    (error: unknown) => observer.report('nothing fails in a way that nobody foresaw', String(error)),
  );
  for (const fault of faults) system.scheduler.at(fault.atMs, () => system.apply(fault));
  const checkDue = (): void => {
    observer.checkDue(system.earliestWallMs);
    system.scheduler.after(DUE_CHECK_MS, checkDue);
  };
  system.scheduler.at(FAULTS_OVER_MS + DEADLINE_BOUND_MS, checkDue);

  const isDone = (): boolean => observer.violations.length > 0 || (registered && client.pending === 0 && observer.open === 0);
  await system.scheduler.run(isDone, { untilMs: BOUND_MS, steps: MAX_STEPS });
  if (observer.violations.length === 0) {
    observer.checkEnds();
    sabotage.damage?.(system.store.log.events as unknown as readonly JsonObject[]);
    observer.checkChains();
    await compareReadModels(system, observer);
  }
  const { log } = system.store;
  return {
    ...{ seed, layout, faults, violations: observer.violations, typeCounts: observer.typeCounts, log: log.events },
    hash: sha256Hex(log.events.map(({ id, type, time, data }) => `${id} ${type} ${time} ${JSON.stringify(data)}`).join('\n')),
    ...{ steps: system.scheduler.steps, simulatedMs: system.scheduler.nowMs },
  };
}

function layoutOf(plan: Chance): Layout {
  if (plan.happens(0.5)) return { oneProcess: false, servers: 2, workers: plan.int(1, 3) };
  if (plan.happens(0.6)) return { oneProcess: true, servers: 1, workers: 0 };
  return { oneProcess: false, servers: 1, workers: plan.int(1, 3) };
}

function capabilitiesOf(index: number): readonly string[] {
  return [...CAPABILITIES.filter((_, at) => at !== index), ...COMMON_CAPABILITIES];
}

function ordersOf(plan: Chance, workflows: readonly { readonly name: string }[]): readonly RunOrder[] {
  return Array.from({ length: plan.int(1, 5) }, (_, index) => ({
    workflow: plan.pick(workflows).name,
    inputs: { items: Array.from({ length: plan.int(0, 6) }, (__, item) => item), on: plan.happens(0.7) },
    key: plan.happens(0.7) ? `key-${index}` : '',
    atMs: plan.between(0, 20_000),
    cancelAfterMs: plan.happens(0.1) ? plan.between(0, 20_000) : null,
    pauseAfterMs: plan.happens(0.1) ? plan.between(0, 5_000) : null,
  }));
}
