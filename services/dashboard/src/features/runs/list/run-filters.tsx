import { ActionIcon, Button, Collapse, Group, Select, Switch, TagsInput, TextInput } from '@mantine/core';
import { useDisclosure, useMediaQuery } from '@mantine/hooks';
import { RUN_STATUSES } from '@tutti/rest-contract';
import { IconAdjustmentsHorizontal, IconSearch, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useHttp } from '../../../api/http-context.js';
import { queries } from '../../../api/queries.js';
import { words } from '../../../ui/format.js';
import { isFiltered, isLabel, type RunFilter } from './run-filter.js';

export const RUN_SEARCH_ID = 'run-search';

interface RunFiltersProps {
  readonly filter: RunFilter;
  readonly onChange: (filter: RunFilter) => void;
}

/** In one line; on a phone all but the text is behind a button. */
export function RunFilters({ filter, onChange }: RunFiltersProps) {
  const isNarrow = useMediaQuery('(max-width: 48em)', false, { getInitialValueInEffect: false });
  const [isOpen, { toggle }] = useDisclosure(filter.status !== '' || filter.workflow !== '' || filter.labels.length > 0);
  // What is typed shows at once: the address, where the filter stands, follows when the router gets to it, and letters typed meanwhile would be lost.
  const [typed, setTyped] = useState<string | null>(null);
  const search = (
    <TextInput
      id={RUN_SEARCH_ID}
      size="xs"
      aria-label="Text"
      placeholder="Search id, workflow, label, person"
      leftSection={<IconSearch size={15} aria-hidden />}
      rightSection={isNarrow ? null : <kbd>/</kbd>}
      value={typed ?? filter.text}
      onBlur={() => setTyped(null)}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        onChange({ ...filter, text: event.currentTarget.value });
      }}
      flex="1 1 14rem"
    />
  );
  if (!isNarrow) {
    return (
      <Group component="search" aria-label="Filter the runs" gap={8} mb="sm">
        {search}
        <Choices filter={filter} onChange={onChange} />
      </Group>
    );
  }
  return (
    <div role="search" aria-label="Filter the runs">
      <Group gap={8} wrap="nowrap" mb="sm">
        {search}
        <ActionIcon variant="default" size={30} aria-label="More filters" aria-expanded={isOpen} onClick={toggle}>
          <IconAdjustmentsHorizontal size={16} aria-hidden />
        </ActionIcon>
      </Group>
      <Collapse expanded={isOpen}>
        <Group gap={8} mb="sm">
          <Choices filter={filter} onChange={onChange} />
        </Group>
      </Collapse>
    </div>
  );
}

function Choices({ filter, onChange }: RunFiltersProps) {
  const workflows = useQuery(queries.workflows(useHttp()));
  const names = [...new Set([...(workflows.data ?? []).map(({ name }) => name), ...(filter.workflow === '' ? [] : [filter.workflow])])];
  return (
    <>
      <Select
        size="xs"
        aria-label="Status"
        placeholder="Any status"
        clearable
        clearButtonProps={{ 'aria-label': 'Any status', tabIndex: 0 }}
        data={RUN_STATUSES.map((value) => ({ value, label: words(value) }))}
        value={filter.status === '' ? null : filter.status}
        onChange={(status) => onChange({ ...filter, status: status ?? '' })}
        flex="1 1 8rem"
      />
      <Select
        size="xs"
        aria-label="Workflow"
        placeholder="Any workflow"
        clearable
        searchable
        clearButtonProps={{ 'aria-label': 'Any workflow', tabIndex: 0 }}
        nothingFoundMessage="No such workflow"
        data={names}
        value={filter.workflow === '' ? null : filter.workflow}
        onChange={(workflow) => onChange({ ...filter, workflow: workflow ?? '' })}
        flex="1 1 11rem"
      />
      <TagsInput
        size="xs"
        aria-label="Labels"
        placeholder={filter.labels.length === 0 ? 'Labels: team=core, then Enter' : ''}
        value={[...filter.labels]}
        onChange={(labels) => onChange({ ...filter, labels: labels.filter(isLabel) })}
        flex="1 1 14rem"
      />
      <Switch
        size="xs"
        label="Child runs"
        checked={filter.children}
        onChange={(event) => onChange({ ...filter, children: event.currentTarget.checked })}
      />
      {isFiltered(filter) && (
        <Button
          size="xs"
          variant="subtle"
          color="gray"
          leftSection={<IconX size={14} aria-hidden />}
          onClick={() => onChange({ status: '', workflow: '', labels: [], text: '', children: filter.children, after: '' })}
        >
          Clear
        </Button>
      )}
    </>
  );
}
