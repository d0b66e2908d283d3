import type { EventView } from '@tutti/rest-contract';

const RUN_LIST_TYPES = ['RunStarted', 'RunSucceeded', 'RunFailed', 'RunCancelled', 'RunPaused', 'RunResumed', 'RunRepaired', 'RunMigrated'];
const APPROVAL_TYPES = [
  'ApprovalRequested',
  'ApprovalVoted',
  'ApprovalDelegated',
  'ApprovalEscalated',
  'ApprovalExpired',
  'ApprovalDecided',
  'ApprovalVoided',
];

/** What lists on the page hang on. The many events of single tasks are not asked for: an open run's page follows those of its run. */
export const LIST_FILTERS = [
  { categories: ['run'], types: [...RUN_LIST_TYPES, ...APPROVAL_TYPES] },
  { categories: ['agent', 'workflow', 'schedule'] },
] as const;

export const LIST_KEYS: readonly string[] = ['runs', 'approvals', 'agents', 'workflows', 'schedules', 'load'];

/** The first part of the keys of queries that the event outdates. */
export function outdatedBy({ type, stream }: Pick<EventView, 'type' | 'stream'>): readonly string[] {
  if (APPROVAL_TYPES.includes(type)) return ['approvals'];
  const category = stream.slice(0, Math.max(0, stream.indexOf('-')));
  if (category === 'run') return ['runs', 'load'];
  if (category === 'agent') return ['agents'];
  if (category === 'workflow') return ['workflows'];
  return category === 'schedule' ? ['schedules'] : [];
}
