import { Group, SegmentedControl, Select, TextInput } from '@mantine/core';
import { createSchedule, OVERLAP_POLICIES } from '@tutti/rest-contract';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useHttp } from '../../api/http-context.js';
import { queries } from '../../api/queries.js';
import { ConfirmDialog } from '../../ui/confirm-dialog.js';
import { words } from '../../ui/format.js';
import { JsonField } from '../../ui/json-field.js';
import { isJsonObject, readJsonObject } from '../../ui/json-text.js';

const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

export function CreateScheduleDialog({ onClose }: { readonly onClose: () => void }) {
  const http = useHttp();
  const client = useQueryClient();
  const workflows = useQuery(queries.workflows(http));
  const [name, setName] = useState('');
  const [workflow, setWorkflow] = useState<string | null>(null);
  const [by, setBy] = useState('cron');
  const [when, setWhen] = useState({ cron: '0 3 * * *', every: '1h' });
  const [timezone, setTimezone] = useState(ZONE);
  const [overlap, setOverlap] = useState<(typeof OVERLAP_POLICIES)[number]>('skip');
  const [inputs, setInputs] = useState('{}');
  const isReady = name.trim() !== '' && workflow !== null && isJsonObject(inputs);
  const create = async (): Promise<void> => {
    const times = by === 'cron' ? { cron: when.cron, timezone } : { every: when.every };
    const body = { name: name.trim(), workflow: workflow ?? '', ...times, overlap, with: readJsonObject(inputs) };
    await http.ask(createSchedule, { body });
    await client.invalidateQueries({ queryKey: ['schedules'] });
  };
  return (
    <ConfirmDialog
      title="New schedule"
      text="It starts a run of the workflow at each of its times."
      confirm="Make the schedule"
      withReason={false}
      isDisabled={!isReady}
      onConfirm={create}
      onClose={onClose}
    >
      <TextInput label="Name" required value={name} placeholder="nightly-report" onChange={(event) => setName(event.currentTarget.value)} />
      <Select
        label="Workflow"
        required
        searchable
        data={(workflows.data ?? []).map((one) => one.name)}
        value={workflow}
        onChange={setWorkflow}
      />
      <SegmentedControl
        size="xs"
        aria-label="How its times are given"
        data={[
          { value: 'cron', label: 'At times' },
          { value: 'every', label: 'Every so often' },
        ]}
        value={by}
        onChange={setBy}
      />
      {by === 'cron' ? (
        <Group grow align="flex-start">
          <TextInput
            label="Cron"
            description="Minute, hour, day, month, weekday"
            value={when.cron}
            onChange={(event) => setWhen({ ...when, cron: event.currentTarget.value })}
          />
          <TextInput
            label="Time zone"
            description="Like Europe/Berlin"
            value={timezone}
            onChange={(event) => setTimezone(event.currentTarget.value)}
          />
        </Group>
      ) : (
        <TextInput
          label="Every"
          description="A length, like 30s, 15m, 1h, 1d"
          value={when.every}
          onChange={(event) => setWhen({ ...when, every: event.currentTarget.value })}
        />
      )}
      <Select
        label="While the run before still goes on"
        data={OVERLAP_POLICIES.map((value) => ({ value, label: words(value) }))}
        value={overlap}
        allowDeselect={false}
        onChange={(value) => setOverlap(OVERLAP_POLICIES.find((one) => one === value) ?? 'skip')}
      />
      <JsonField
        label="Inputs, as a JSON object"
        value={inputs}
        onChange={setInputs}
        error={isJsonObject(inputs) ? null : 'Expected an object.'}
      />
    </ConfirmDialog>
  );
}
