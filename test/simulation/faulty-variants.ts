import type { ClaimAnswer, TaskChannel } from '@tutti/contracts';
import type { EventStore } from '@tutti/event-store';
import type { JsonObject } from '@tutti/kernel';
import type { ReadModel, ReadModels } from '@tutti/read-models';
import type { Invariant, Sabotage } from '@tutti/simulation';

interface FaultyVariant {
  readonly name: string;
  /** The rule that it must be seen to break. */
  readonly breaks: Invariant;
  /** Saw it when this was written, and is tried first. Another change of the code may take that away: then others find it, which only takes longer. */
  readonly seed: number;
  readonly sabotage: Sabotage;
}

const GRANTED: ClaimAnswer & { verdict: 'go' } = {
  verdict: 'go',
  input: { inline: { script: { trouble: 'none', until: 0, ms: 5, goodAfter: 0, journal: 0, talks: false } } },
  feedback: [],
  deadlineAt: null,
};

/** The system with one fault in its code, for each rule at least one. */
export const FAULTY_VARIANTS: readonly FaultyVariant[] = [
  {
    name: 'an owner that grants every claim',
    breaks: 'no effect twice under one claim',
    seed: 6,
    sabotage: { channel: (channel) => withClaim(channel, () => Promise.resolve(GRANTED)) },
  },
  {
    name: 'a worker that does not ask',
    breaks: 'no effect without a claim',
    seed: 0,
    sabotage: { workerChannel: (channel) => withClaim(channel, () => Promise.resolve(GRANTED)) },
  },
  { name: 'a store that answers before it is durable', breaks: 'what was answered is durable', seed: 0, sabotage: { answersEarly: true } },
  {
    name: 'an owner that forgets every result it has taken',
    breaks: 'what was answered is durable',
    seed: 0,
    sabotage: { channel: (channel) => ({ ...bound(channel), report: () => Promise.resolve() }) },
  },
  {
    name: 'a decider that passes gates over',
    breaks: 'the rules of a run hold',
    seed: 0,
    sabotage: { store: (store) => withoutEvents(store, 'GateEvaluated') },
  },
  {
    name: 'a compiler that loses what steps need',
    breaks: 'the rules of a run hold',
    seed: 5,
    sabotage: { source: (source) => changeSteps(source, ({ needs: _, ...step }) => step) },
  },
  {
    name: 'a fan-out without its limit',
    breaks: 'the rules of a run hold',
    seed: 2,
    sabotage: {
      source: (source) =>
        changeSteps(source, (step) =>
          'forEach' in step ? { ...step, forEach: { ...(step['forEach'] as JsonObject), concurrency: 100 } } : step,
        ),
    },
  },
  {
    name: 'an approval that holds for whatever is there now',
    breaks: 'what was answered is durable',
    seed: 15,
    sabotage: {
      runs: (runs) => ({
        ...bound(runs),
        decideApproval: async (request) => {
          const { approval } = await runs.getApproval({ approvalId: request.approvalId, minPosition: 0 });
          return runs.decideApproval({ ...request, payloadHash: approval?.payloadHash ?? request.payloadHash });
        },
      }),
    },
  },
  {
    name: 'a router that gives out two seats too many',
    breaks: 'no agent holds more than it may',
    seed: 575,
    sabotage: { extraSeats: 2 },
  },
  {
    name: 'a limit of one permit too many',
    breaks: 'limits hold',
    seed: 5,
    sabotage: {
      source: (source) =>
        changeSteps(source, (step) => ('concurrency' in step ? { ...step, concurrency: { key: 'shared', limit: 6 } } : step)),
    },
  },
  { name: 'a timer queue that drops one in twenty', breaks: 'what is due happens', seed: 0, sabotage: { lostTimers: 20 } },
  {
    name: 'a recovery that forgets runs',
    breaks: 'every acknowledged run ends',
    seed: 129,
    sabotage: { readModels: (readModels) => forgetful(readModels) },
  },
  {
    name: 'a start that does not know its key',
    breaks: 'an idempotency key names one run',
    seed: 0,
    sabotage: { runs: (runs) => ({ ...bound(runs), startRun: (request) => runs.startRun({ ...request, idempotencyKey: '' }) }) },
  },
  {
    name: 'a projection that folds twice',
    breaks: 'read models equal a rebuild',
    seed: 1,
    sabotage: {
      projection: (projection) => ({
        ...projection,
        evolve: (document, event, key) => {
          const once = projection.evolve(document, event, key);
          return event.type === 'TaskAssigned' ? projection.evolve(once, event, key) : once;
        },
      }),
    },
  },
  {
    name: 'a journal that keeps nothing',
    breaks: 'an irreversible step happens once',
    seed: 30,
    sabotage: { store: withoutJournals },
  },
  {
    name: 'a disk that changes what it holds',
    breaks: 'hash chains are whole',
    seed: 0,
    sabotage: { damage: (events) => void Object.assign(firstOfRun(events)?.['data'] ?? {}, { changed: true }) },
  },
];

function firstOfRun(events: readonly JsonObject[]): JsonObject | undefined {
  return events.find(({ stream }) => String(stream).startsWith('run-'));
}

function withClaim(channel: TaskChannel, claim: TaskChannel['claim']): TaskChannel {
  return { ...bound(channel), claim };
}

/** The methods of an object of a class, as properties that go on working on it. */
function bound<Thing extends object>(thing: Thing): Thing {
  const methods: Record<string, unknown> = {};
  for (let at: object | null = thing; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at) as object | null) {
    for (const name of Object.getOwnPropertyNames(at)) {
      const member = (thing as Record<string, unknown>)[name];
      if (name !== 'constructor' && typeof member === 'function') methods[name] ??= (member as () => unknown).bind(thing);
    }
  }
  return methods as Thing;
}

function withoutEvents(store: EventStore, type: string): EventStore {
  return {
    ...bound(store),
    append: (stream, events, expected) => {
      const kept = events.filter((event) => event.type !== type);
      return store.append(stream, kept.length === 0 ? events : kept, expected);
    },
  };
}

/** Answers appends to journals and forgets them. */
function withoutJournals(store: EventStore): EventStore {
  const nothing = { revision: 0, position: 0, events: [] };
  return {
    ...bound(store),
    append: (stream, ...rest) => (stream.startsWith('task-') ? Promise.resolve(nothing) : store.append(stream, ...rest)),
  };
}

function changeSteps(source: string, change: (step: JsonObject) => JsonObject): string {
  const definition = JSON.parse(source) as { steps: Record<string, JsonObject> };
  for (const [id, step] of Object.entries(definition.steps)) definition.steps[id] = change(step);
  return JSON.stringify(definition);
}

/** Finds nothing that is open, as a recovery asks for it. */
function forgetful(readModels: ReadModels): ReadModels {
  return {
    ...bound(readModels),
    open: async <Doc extends JsonObject>(definition: Parameters<ReadModels['open']>[0]) => {
      const model = await readModels.open<Doc>(definition);
      const find: ReadModel<Doc>['find'] = (query) =>
        definition.name === 'runs' && query.filter?.['status'] !== undefined ? Promise.resolve([]) : model.find(query);
      return { ...bound(model), find };
    },
  };
}
