import { Anchor, Button, Group, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { listRuns, startRun } from '@tutti/rest-contract';
import { IconArrowLeft, IconArrowRight, IconFilterOff, IconPlayerPlay } from '@tabler/icons-react';
import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';
import { Link, useSearchParams } from 'react-router';
import type { Http, Query } from '../../../api/http.js';
import { useHttp } from '../../../api/http-context.js';
import { PAGE_SIZE } from '../../../api/queries.js';
import { useRowKeys, useShortcuts } from '../../../keyboard/shortcuts.js';
import { useRefusal } from '../../../session/use-may.js';
import { ActionButton } from '../../../ui/action-button.js';
import { CommandText } from '../../../ui/command-text.js';
import { EmptyState } from '../../../ui/empty-state.js';
import { counted } from '../../../ui/format.js';
import { LoadState } from '../../../ui/load-state.js';
import { PageHeader } from '../../../ui/page-header.js';
import { filterIn, isFiltered, parametersOf, type RunFilter } from './run-filter.js';
import { RUN_SEARCH_ID, RunFilters } from './run-filters.js';
import { RunTable } from './run-table.js';
import { searchRuns } from './search-runs.js';

const TYPING_MS = 250;

/** One page of the list at a time: however many runs there are, a page is one request, and stays live. */
const pageOfRuns = (http: Http, filter: Query, pageToken: string) =>
  queryOptions({
    queryKey: ['runs', 'page', filter, pageToken],
    queryFn: ({ signal }) => http.ask(listRuns, { query: { ...filter, pageSize: PAGE_SIZE, pageToken }, signal }),
  });

export function RunListPage() {
  const [parameters, setParameters] = useSearchParams();
  const filter = filterIn(parameters);
  const change = (next: RunFilter): void => setParameters(parametersOf(next), { replace: true });
  const [text] = useDebouncedValue(filter.text.trim(), TYPING_MS);
  useRowKeys('[data-row]');
  useShortcuts({ '/': () => document.getElementById(RUN_SEARCH_ID)?.focus() });
  return (
    <>
      <PageHeader
        title="Runs"
        actions={
          <ActionButton to="/workflows" refusal={useRefusal(startRun)} leftSection={<IconPlayerPlay size={15} aria-hidden />} size="xs">
            Start a run
          </ActionButton>
        }
      />
      <RunFilters filter={filter} onChange={(next) => change({ ...next, after: '' })} />
      {text === '' || filter.text.trim() === '' ? <ListedRuns filter={filter} /> : <SearchedRuns filter={filter} text={text} />}
    </>
  );
}

function ListedRuns({ filter }: { readonly filter: RunFilter }) {
  const answer = useQuery({ ...pageOfRuns(useHttp(), queryOf(filter), filter.after), placeholderData: keepPreviousData });
  if (answer.data === undefined) return <LoadState of={answer} lines={12} />;
  const { runs, nextPageToken } = answer.data;
  const to = (after: string): string => `/runs?${parametersOf({ ...filter, after }).toString()}`;
  return (
    <>
      {answer.error !== null && <LoadState of={answer} />}
      {runs.length === 0 ? (
        <NoRuns isFiltered={isFiltered(filter)} />
      ) : (
        <>
          <RunTable runs={runs} />
          <Group justify="space-between" mt="sm">
            <Text size="xs" c="dimmed" aria-live="polite">
              {counted(runs.length, 'run')} shown, newest first
            </Text>
            <Group gap={8} component="nav" aria-label="Pages of the list">
              {filter.after !== '' && (
                <Button component={Link} to={to('')} variant="default" size="xs" leftSection={<IconArrowLeft size={14} aria-hidden />}>
                  Newest
                </Button>
              )}
              {nextPageToken !== '' && (
                <Button
                  component={Link}
                  to={to(nextPageToken)}
                  variant="default"
                  size="xs"
                  rightSection={<IconArrowRight size={14} aria-hidden />}
                >
                  Older
                </Button>
              )}
            </Group>
          </Group>
        </>
      )}
    </>
  );
}

function SearchedRuns({ filter, text }: { readonly filter: RunFilter; readonly text: string }) {
  const answer = useQuery({ ...searchRuns(useHttp(), queryOf(filter), text), placeholderData: keepPreviousData });
  if (answer.data === undefined) return <LoadState of={answer} lines={12} />;
  const { runs, lookedAt, hasMore } = answer.data;
  return (
    <>
      {runs.length === 0 ? <NoRuns isFiltered /> : <RunTable runs={runs} />}
      <Text size="xs" c="dimmed" mt="sm" aria-live="polite">
        {runs.length} of the {counted(lookedAt, 'newest run')} match
        {hasMore ? '; there are older ones: a workflow, status or label finds those' : ''}
      </Text>
    </>
  );
}

function queryOf({ status, workflow, labels, children }: RunFilter): Query {
  return { status, workflow, label: labels, children };
}

function NoRuns({ isFiltered: isSome }: { readonly isFiltered: boolean }) {
  if (isSome) {
    return (
      <EmptyState icon={IconFilterOff} title="No run matches">
        Change or clear the filter to see other runs.
      </EmptyState>
    );
  }
  return (
    <EmptyState icon={IconPlayerPlay} title="Nothing has run yet">
      Choose one of the{' '}
      <Anchor component={Link} to="/workflows" underline="always" inherit>
        workflows
      </Anchor>{' '}
      and start it from a form, or start one in a terminal. It is listed here as soon as it is recorded.
      <CommandText command="npx tutti run architecture-design --input prd=@requirements.md" />
    </EmptyState>
  );
}
