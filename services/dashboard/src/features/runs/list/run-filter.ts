import type { RunView } from '../../../api/views.js';

/** What the list shows, as it stands in the address: a link to it shows the same. */
export interface RunFilter {
  readonly status: string;
  readonly workflow: string;
  /** `key=value` each; all must hold. */
  readonly labels: readonly string[];
  /** In the id, the workflow, a label or the starter; among what is loaded. */
  readonly text: string;
  readonly children: boolean;
}

export const RUN_STATUSES = ['running', 'paused', 'succeeded', 'failed', 'cancelled'] as const;
const LABEL = /^[^=]+=/;

export function filterIn(parameters: URLSearchParams): RunFilter {
  const status = parameters.get('status') ?? '';
  return {
    status: (RUN_STATUSES as readonly string[]).includes(status) ? status : '',
    workflow: parameters.get('workflow') ?? '',
    labels: parameters.getAll('label').filter(isLabel),
    text: parameters.get('text') ?? '',
    children: parameters.get('children') === 'true',
  };
}

export function parametersOf({ status, workflow, labels, text, children }: RunFilter): URLSearchParams {
  const parameters = new URLSearchParams();
  if (status !== '') parameters.set('status', status);
  if (workflow !== '') parameters.set('workflow', workflow);
  for (const label of labels) parameters.append('label', label);
  if (text !== '') parameters.set('text', text);
  if (children) parameters.set('children', 'true');
  return parameters;
}

export function isLabel(text: string): boolean {
  return LABEL.test(text);
}

export function isFiltered({ status, workflow, labels, text }: RunFilter): boolean {
  return status !== '' || workflow !== '' || labels.length > 0 || text !== '';
}

/** The API knows no search by text: it is done here. */
export function matchesText({ id, workflow, labels, startedBy }: RunView, text: string): boolean {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return true;
  const label = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return [id, workflow, startedBy, ...label].some((found) => found.toLowerCase().includes(wanted));
}
