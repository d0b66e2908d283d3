import { Anchor, Button, Code, Text } from '@mantine/core';
import { IconFilterOff, IconPlayerPlay } from '@tabler/icons-react';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { Link, useSearchParams } from 'react-router';
import { useHttp } from '../../../api/http-context.js';
import { queries } from '../../../api/queries.js';
import { EmptyState } from '../../../ui/empty-state.js';
import { counted } from '../../../ui/format.js';
import { LoadState, MoreButton } from '../../../ui/load-state.js';
import { PageHeader } from '../../../ui/page-header.js';
import { filterIn, isFiltered, matchesText, parametersOf, type RunFilter } from './run-filter.js';
import { RunFilters } from './run-filters.js';
import { RunTable } from './run-table.js';

export function RunListPage() {
  const [parameters, setParameters] = useSearchParams();
  const filter = filterIn(parameters);
  const { status, workflow, labels, children } = filter;
  const answer = useInfiniteQuery({
    ...queries.runs(useHttp(), { status, workflow, label: labels, children }),
    placeholderData: keepPreviousData,
  });
  const loaded = answer.data?.pages.flatMap(({ runs }) => runs) ?? [];
  const shown = loaded.filter((run) => matchesText(run, filter.text));
  const change = (next: RunFilter): void => setParameters(parametersOf(next), { replace: true });
  return (
    <>
      <PageHeader
        title="Runs"
        actions={
          <Button component={Link} to="/workflows" leftSection={<IconPlayerPlay size={16} aria-hidden />}>
            Start a run
          </Button>
        }
      />
      <RunFilters filter={filter} onChange={change} />
      <LoadState of={answer} />
      {answer.isSuccess && shown.length === 0 && <NoRuns filter={filter} loaded={loaded.length} hasMore={answer.hasNextPage} />}
      {shown.length > 0 && (
        <>
          <RunTable runs={shown} />
          <Text size="xs" c="dimmed" mt="xs" aria-live="polite">
            {filter.text === ''
              ? `${counted(shown.length, 'run')} shown`
              : `${shown.length} of ${counted(loaded.length, 'loaded run')} match`}
            , newest first{answer.hasNextPage ? '; there are more' : ''}
          </Text>
        </>
      )}
      <MoreButton {...answer} />
    </>
  );
}

interface NoRunsProps {
  readonly filter: RunFilter;
  readonly loaded: number;
  readonly hasMore: boolean;
}

function NoRuns({ filter, loaded, hasMore }: NoRunsProps) {
  if (isFiltered(filter)) {
    return (
      <EmptyState icon={IconFilterOff} title="No run matches">
        {loaded > 0 && hasMore
          ? `None of the ${loaded} newest runs has this text. Show more below, or change the filter.`
          : 'Change or clear the filter to see other runs.'}
      </EmptyState>
    );
  }
  return (
    <EmptyState icon={IconPlayerPlay} title="Nothing has run yet">
      Choose one of the{' '}
      <Anchor component={Link} to="/workflows" underline="always">
        workflows
      </Anchor>{' '}
      and start it from a form, or start one in a terminal with <Code>tutti run</Code>. It is listed here as soon as it is recorded.
    </EmptyState>
  );
}
