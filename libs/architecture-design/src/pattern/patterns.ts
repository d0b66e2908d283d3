export type PatternId =
  | 'client-only'
  | 'single-program'
  | 'library'
  | 'local-app'
  | 'on-device'
  | 'modular-monolith'
  | 'batch-pipeline'
  | 'event-driven'
  | 'realtime-server'
  | 'serverless'
  | 'services';

export interface Pattern {
  readonly id: PatternId;
  readonly name: string;
  readonly summary: string;
  readonly strengths: string;
  readonly costs: string;
  /** False where nothing runs on a server. */
  readonly served: boolean;
}

/** Simplest first: of two patterns with the same score the earlier one is chosen. */
export const PATTERNS: readonly Pattern[] = [
  {
    id: 'single-program',
    name: 'Single program',
    summary: 'One program that a person or a script starts, that reads its input, does its work and ends',
    strengths: 'nothing to operate, easy to distribute, test and script',
    costs: 'no shared state between people; every installation is updated separately',
    served: false,
  },
  {
    id: 'library',
    name: 'Library',
    summary: 'Code that other programs link and call in their own process',
    strengths: 'no process of its own, callers keep control',
    costs: 'the public interface is a promise; callers decide when to update',
    served: false,
  },
  {
    id: 'client-only',
    name: 'Client-side application without a backend',
    summary: 'Everything runs in the browser of the person using it; a host only hands out static files',
    strengths: 'data stays with the person, nothing to operate, works without a connection once loaded',
    costs: 'no shared data between people or machines; bound by the browser’s storage and memory',
    served: false,
  },
  {
    id: 'local-app',
    name: 'Local application',
    summary: 'An application installed on the person’s own machine or phone, with its data beside it',
    strengths: 'works without a connection, data stays local',
    costs: 'updates and backups happen per machine; sharing needs synchronisation',
    served: false,
  },
  {
    id: 'on-device',
    name: 'On-device application',
    summary: 'Software that runs on the device it serves and goes on working alone',
    strengths: 'no dependence on a network, predictable timing',
    costs: 'limited memory and processing; updates in the field have to be planned',
    served: false,
  },
  {
    id: 'modular-monolith',
    name: 'Modular monolith',
    summary: 'One deployable application with modules that keep to their boundaries, on one database',
    strengths: 'one thing to deploy and debug, transactions stay local, modules can be split off later',
    costs: 'scales and is released as one; boundaries need discipline',
    served: true,
  },
  {
    id: 'batch-pipeline',
    name: 'Batch pipeline',
    summary: 'Scheduled stages that take data in, transform it and hand it on',
    strengths: 'restartable by stage, easy to reason about, cheap between runs',
    costs: 'results are as old as the last run',
    served: true,
  },
  {
    id: 'event-driven',
    name: 'Event-driven pipeline',
    summary: 'Sources publish events, processors react to them, stores and views are filled from the stream',
    strengths: 'takes bursts, sources and consumers change apart, history can be replayed',
    costs: 'eventual consistency; needs a broker and care for order and repetition',
    served: true,
  },
  {
    id: 'realtime-server',
    name: 'Authoritative real-time server',
    summary: 'Thin clients keep a connection to a server that holds the true state',
    strengths: 'one truth for all participants, hard to cheat, low latency',
    costs: 'state in memory has to survive failures; bound to connections',
    served: true,
  },
  {
    id: 'serverless',
    name: 'Serverless functions',
    summary: 'Functions run on demand by a provider, with managed storage beside them',
    strengths: 'no servers to operate, cost follows use',
    costs: 'bound to a provider, cold starts, limits on run time',
    served: true,
  },
  {
    id: 'services',
    name: 'Independent services',
    summary: 'Several services with their own data, deployed and scaled apart',
    strengths: 'parts scale, fail and are released separately, teams stay apart',
    costs: 'distributed data, network failures, more to operate',
    served: true,
  },
];

export function patternById(id: string): Pattern {
  const pattern = PATTERNS.find((one) => one.id === id);
  if (pattern === undefined) throw new RangeError(`pattern "${id}" is not in the catalogue (${PATTERNS.map((one) => one.id).join(', ')})`);
  return pattern;
}
