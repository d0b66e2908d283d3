import { RUN_STATUSES, type RunSummary } from '@tutti/rest-contract';

/** What the list shows, as it stands in the address: a link to it shows the same. */
export interface RunFilter {
  readonly status: string;
  readonly workflow: string;
  /** `key=value` each; all must hold. */
  readonly labels: readonly string[];
  /** In the id, the workflow, a label or the starter. */
  readonly text: string;
  readonly children: boolean;
  /** Where the list goes on from; empty for its beginning. */
  readonly after: string;
}

const LABEL = /^[^=]+=/;

export function filterIn(parameters: URLSearchParams): RunFilter {
  const status = parameters.get('status') ?? '';
  return {
    status: (RUN_STATUSES as readonly string[]).includes(status) ? status : '',
    workflow: parameters.get('workflow') ?? '',
    labels: parameters.getAll('label').filter(isLabel),
    text: parameters.get('text') ?? '',
    children: parameters.get('children') === 'true',
    after: parameters.get('after') ?? '',
  };
}

export function parametersOf({ status, workflow, labels, text, children, after }: RunFilter): URLSearchParams {
  const parameters = new URLSearchParams();
  if (status !== '') parameters.set('status', status);
  if (workflow !== '') parameters.set('workflow', workflow);
  for (const label of labels) parameters.append('label', label);
  if (text !== '') parameters.set('text', text);
  if (children) parameters.set('children', 'true');
  if (after !== '') parameters.set('after', after);
  return parameters;
}

export function isLabel(text: string): boolean {
  return LABEL.test(text);
}

export function isFiltered({ status, workflow, labels, text }: RunFilter): boolean {
  return status !== '' || workflow !== '' || labels.length > 0 || text !== '';
}

export function matchesText(
  { id, workflow, labels, startedBy }: Pick<RunSummary, 'id' | 'workflow' | 'labels' | 'startedBy'>,
  text: string,
): boolean {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return true;
  const label = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return [id, workflow, startedBy, ...label].some((found) => found.toLowerCase().includes(wanted));
}
