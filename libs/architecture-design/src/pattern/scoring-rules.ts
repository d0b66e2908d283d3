import type { PatternId } from './patterns.js';

export interface ScoringRule {
  readonly signal: string;
  /** Which side of the signal counts: what the input says, or what it rules out. */
  readonly side: 'positive' | 'negative';
  readonly points: Partial<Readonly<Record<PatternId, number>>>;
  readonly reason: string;
  /** The rule is an order of the input, not a hint: its points are not scaled. */
  readonly explicit?: true;
}

/** Points at one piece of evidence; more evidence and evidence in the opening lines add to it (see choose-pattern). */
export const SCORING_RULES: readonly ScoringRule[] = [
  {
    signal: 'wants-monolith',
    side: 'positive',
    points: { 'modular-monolith': 30 },
    reason: 'the input asks for one deployable',
    explicit: true,
  },
  {
    signal: 'wants-monolith',
    side: 'negative',
    points: { 'modular-monolith': -30 },
    reason: 'the input rules out one deployable',
    explicit: true,
  },
  { signal: 'wants-services', side: 'positive', points: { services: 30 }, reason: 'the input asks for separate services', explicit: true },
  {
    signal: 'wants-services',
    side: 'negative',
    points: { services: -40 },
    reason: 'the input rules out separate services',
    explicit: true,
  },
  {
    signal: 'wants-serverless',
    side: 'positive',
    points: { serverless: 30 },
    reason: 'the input asks for functions run on demand',
    explicit: true,
  },
  {
    signal: 'wants-serverless',
    side: 'negative',
    points: { serverless: -40 },
    reason: 'the input rules out functions run on demand',
    explicit: true,
  },
  {
    signal: 'wants-events',
    side: 'positive',
    points: { 'event-driven': 7, services: 1 },
    reason: 'the input names events or a message broker',
  },
  {
    signal: 'wants-events',
    side: 'negative',
    points: { 'event-driven': -20 },
    reason: 'the input rules out a message broker',
    explicit: true,
  },

  {
    signal: 'browser-only',
    side: 'positive',
    points: { 'client-only': 14, 'modular-monolith': -4, services: -8, serverless: -6, 'event-driven': -6 },
    reason: 'the work is to happen in the browser or without a server',
  },
  {
    signal: 'server',
    side: 'negative',
    points: {
      'client-only': 4,
      'single-program': 2,
      'local-app': 2,
      'on-device': 2,
      'modular-monolith': -5,
      services: -6,
      serverless: -4,
      'event-driven': -4,
    },
    reason: 'the input rules out a server',
  },
  {
    signal: 'browser',
    side: 'positive',
    points: { 'client-only': 2, 'modular-monolith': 2, 'single-program': -3, library: -2 },
    reason: 'people use it in a browser',
  },
  {
    signal: 'command-line',
    side: 'positive',
    points: { 'single-program': 9, 'modular-monolith': -1 },
    reason: 'it is used from a command line',
  },
  { signal: 'library', side: 'positive', points: { library: 10, 'single-program': 1 }, reason: 'other programs are to link it' },
  { signal: 'desktop', side: 'positive', points: { 'local-app': 9 }, reason: 'it is installed on a desktop' },
  { signal: 'mobile', side: 'positive', points: { 'local-app': 3 }, reason: 'it is used on a phone or tablet' },
  { signal: 'game', side: 'positive', points: { 'local-app': 2, 'realtime-server': 2 }, reason: 'it is a game' },
  {
    signal: 'multiplayer',
    side: 'positive',
    points: { 'realtime-server': 12, 'local-app': -4 },
    reason: 'several people share one live state',
  },
  {
    signal: 'multiplayer',
    side: 'negative',
    points: { 'realtime-server': -12, 'local-app': 2 },
    reason: 'the input rules out shared play',
  },
  { signal: 'embedded', side: 'positive', points: { 'on-device': 9 }, reason: 'it is software of a device' },
  { signal: 'on-device', side: 'positive', points: { 'on-device': 5, 'local-app': 5 }, reason: 'it is to run on the device itself' },
  {
    signal: 'offline',
    side: 'positive',
    points: { 'on-device': 2, 'local-app': 3, 'client-only': 2, 'single-program': 1, services: -1, serverless: -3 },
    reason: 'it has to work without a connection',
  },

  {
    signal: 'stream',
    side: 'positive',
    points: { 'event-driven': 5, 'on-device': 1 },
    reason: 'data arrives as a stream of readings or events',
  },
  { signal: 'devices', side: 'positive', points: { 'event-driven': 3, 'on-device': 2 }, reason: 'devices are the sources' },
  { signal: 'etl', side: 'positive', points: { 'batch-pipeline': 10 }, reason: 'data is extracted, transformed and loaded in runs' },
  { signal: 'batch', side: 'positive', points: { 'batch-pipeline': 4 }, reason: 'work is done in batches' },
  { signal: 'scheduled', side: 'positive', points: { 'batch-pipeline': 1, 'modular-monolith': 1 }, reason: 'work runs on a schedule' },
  {
    signal: 'realtime',
    side: 'positive',
    points: { 'realtime-server': 2, 'event-driven': 2, 'batch-pipeline': -3 },
    reason: 'results are to show at once',
  },
  { signal: 'crud', side: 'positive', points: { 'modular-monolith': 3 }, reason: 'most of the work is keeping records' },
  { signal: 'workflow', side: 'positive', points: { 'modular-monolith': 2 }, reason: 'records go through steps of approval' },
  {
    signal: 'transactions',
    side: 'positive',
    points: { 'modular-monolith': 2, services: 1, 'client-only': -1 },
    reason: 'records have to change together',
  },
  {
    signal: 'roles',
    side: 'positive',
    points: { 'modular-monolith': 2, services: 1, 'client-only': -4, 'single-program': -3, library: -3 },
    reason: 'several roles share the system',
  },
  {
    signal: 'login',
    side: 'positive',
    points: { 'modular-monolith': 2, services: 1, 'client-only': -4, 'single-program': -2, library: -2 },
    reason: 'people or programs have to log in',
  },
  {
    signal: 'http-api',
    side: 'positive',
    points: { 'modular-monolith': 2, services: 2, 'client-only': -1 },
    reason: 'other programs call it over a network',
  },
  { signal: 'http-api', side: 'negative', points: { services: -3 }, reason: 'the input rules out a network interface' },

  {
    signal: 'independent-scaling',
    side: 'positive',
    points: { services: 8, serverless: 2, 'modular-monolith': -3 },
    reason: 'parts are to scale or be released apart',
  },
  { signal: 'many-teams', side: 'positive', points: { services: 8, 'modular-monolith': -6 }, reason: 'several teams build it' },
  { signal: 'small-team', side: 'positive', points: { 'modular-monolith': 5, services: -8 }, reason: 'few people build and run it' },
  { signal: 'single-tenant', side: 'positive', points: { 'modular-monolith': 4, services: -3 }, reason: 'it serves one organisation' },
  {
    signal: 'multi-tenant',
    side: 'positive',
    points: { services: 2, 'modular-monolith': 2, 'client-only': -4, 'single-program': -4 },
    reason: 'it serves several organisations',
  },
  { signal: 'high-load', side: 'positive', points: { services: 4, 'event-driven': 3, serverless: 1 }, reason: 'the stated load is high' },
  {
    signal: 'high-availability',
    side: 'positive',
    points: { services: 2, 'event-driven': 1, 'modular-monolith': 1, 'single-program': -2 },
    reason: 'the stated availability is high',
  },
  { signal: 'cloud', side: 'negative', points: { serverless: -30 }, reason: 'the input rules out a provider’s machines', explicit: true },
];
