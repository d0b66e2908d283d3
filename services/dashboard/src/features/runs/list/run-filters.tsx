import { Button, Group, Select, Switch, TagsInput, TextInput } from '@mantine/core';
import { IconSearch, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useHttp } from '../../../api/http-context.js';
import { queries } from '../../../api/queries.js';
import { words } from '../../../ui/format.js';
import { isFiltered, isLabel, RUN_STATUSES, type RunFilter } from './run-filter.js';

interface RunFiltersProps {
  readonly filter: RunFilter;
  readonly onChange: (filter: RunFilter) => void;
}

export function RunFilters({ filter, onChange }: RunFiltersProps) {
  const workflows = useQuery(queries.workflows(useHttp()));
  const names = [...new Set([...(workflows.data ?? []).map(({ name }) => name), ...(filter.workflow === '' ? [] : [filter.workflow])])];
  return (
    <Group component="search" aria-label="Filter the runs" gap="sm" align="flex-end" mb="md">
      <TextInput
        label="Text"
        placeholder="Id, workflow, label"
        leftSection={<IconSearch size={16} aria-hidden />}
        value={filter.text}
        onChange={(event) => onChange({ ...filter, text: event.currentTarget.value })}
        flex="1 1 12rem"
      />
      <Select
        label="Status"
        placeholder="Any"
        clearable
        clearButtonProps={{ 'aria-label': 'Any status', tabIndex: 0 }}
        data={RUN_STATUSES.map((value) => ({ value, label: words(value) }))}
        value={filter.status === '' ? null : filter.status}
        onChange={(status) => onChange({ ...filter, status: status ?? '' })}
        flex="1 1 9rem"
      />
      <Select
        label="Workflow"
        placeholder="Any"
        clearable
        searchable
        clearButtonProps={{ 'aria-label': 'Any workflow', tabIndex: 0 }}
        nothingFoundMessage="No such workflow"
        data={names}
        value={filter.workflow === '' ? null : filter.workflow}
        onChange={(workflow) => onChange({ ...filter, workflow: workflow ?? '' })}
        flex="1 1 12rem"
      />
      <TagsInput
        label="Labels"
        placeholder={filter.labels.length === 0 ? 'team=core, then Enter' : ''}
        value={[...filter.labels]}
        onChange={(labels) => onChange({ ...filter, labels: labels.filter(isLabel) })}
        flex="1 1 14rem"
      />
      <Switch
        label="Child runs, too"
        checked={filter.children}
        onChange={(event) => onChange({ ...filter, children: event.currentTarget.checked })}
        mb={8}
      />
      {isFiltered(filter) && (
        <Button
          variant="default"
          leftSection={<IconX size={16} aria-hidden />}
          onClick={() => onChange({ status: '', workflow: '', labels: [], text: '', children: filter.children })}
        >
          Clear
        </Button>
      )}
    </Group>
  );
}
