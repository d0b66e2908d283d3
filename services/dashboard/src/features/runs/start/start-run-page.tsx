import { Anchor, Button, Group, JsonInput, Paper, SegmentedControl, Stack, TagsInput, Text } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useNavigate, useParams, useSearchParams } from 'react-router';
import { changes } from '../../../api/changes.js';
import { useHttp } from '../../../api/http-context.js';
import { queries } from '../../../api/queries.js';
import type { WorkflowView } from '../../../api/views.js';
import { browserSystem } from '../../../system/browser-system.js';
import { LoadState } from '../../../ui/load-state.js';
import { PageHeader } from '../../../ui/page-header.js';
import { ProblemAlert } from '../../../ui/problem-alert.js';
import { isLabel } from '../list/run-filter.js';
import { isJson } from '../../../ui/json-text.js';
import { assemble, fieldsOf, initialValues, type Field, type FieldValues } from './schema-fields.js';
import { SchemaForm } from './schema-form.js';

export function StartRunPage() {
  const { name = '' } = useParams();
  const [parameters] = useSearchParams();
  const version = Number(parameters.get('version') ?? 0);
  const answer = useQuery(queries.workflow(useHttp(), name, Number.isInteger(version) ? version : 0));
  const trail = (
    <Text component="nav" size="sm" mb={4} aria-label="Where this page belongs">
      <Anchor component={Link} to="/workflows">
        Workflows
      </Anchor>
      {' / '}
      <Anchor component={Link} to={`/workflows/${encodeURIComponent(name)}`}>
        {name}
      </Anchor>
    </Text>
  );
  return (
    <>
      <PageHeader title={`Start ${name}`} above={trail} below={answer.data?.description} />
      <LoadState of={answer} />
      {answer.data !== undefined && <StartForm key={`${name} ${version}`} workflow={answer.data} pinned={version} />}
    </>
  );
}

/** @param pinned the version to run; 0 for the one that new runs get */
function StartForm({ workflow, pinned }: { readonly workflow: WorkflowView; readonly pinned: number }) {
  const http = useHttp();
  const navigate = useNavigate();
  const [fields] = useState(() => fieldsOf(workflow.definition['inputs']));
  const [asJson, setAsJson] = useState(fields === null);
  const [values, setValues] = useState<FieldValues>(() => initialValues(fields ?? []));
  const [json, setJson] = useState('{}');
  const [labels, setLabels] = useState<readonly string[]>([]);
  const [problems, setProblems] = useState<Readonly<Record<string, string>>>({});
  // One key for one form: a start that is sent twice starts one run.
  const [key, setKey] = useState(() => browserSystem.newId());
  const start = useMutation({
    mutationFn: (inputs: unknown) =>
      changes.startRun(http, { workflow: workflow.name, workflowVersion: pinned, inputs, labels: labelsOf(labels) }, key),
    onSuccess: ({ runId }) => navigate(`/runs/${encodeURIComponent(runId)}`),
    onError: () => setKey(browserSystem.newId()),
  });
  const submit = (): void => {
    if (asJson) {
      if (isJson(json)) start.mutate(JSON.parse(json));
      return;
    }
    const assembled = assemble(fields ?? [], values);
    setProblems(assembled.problems);
    if (Object.keys(assembled.problems).length === 0) start.mutate(assembled.inputs);
  };
  const showJson = (next: boolean): void => {
    if (next) setJson(JSON.stringify(assemble(fields ?? [], values).inputs, null, 2));
    setAsJson(next);
  };
  return (
    <Paper withBorder p={{ base: 'md', sm: 'xl' }} radius="md" maw={820}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <Stack gap="lg">
          {fields !== null && (
            <SegmentedControl
              aria-label="How to give the inputs"
              data={[
                { value: 'form', label: 'Form' },
                { value: 'json', label: 'JSON' },
              ]}
              value={asJson ? 'json' : 'form'}
              onChange={(value) => showJson(value === 'json')}
              style={{ alignSelf: 'flex-start' }}
            />
          )}
          <Inputs {...{ fields, asJson, values, json, problems }} onValues={setValues} onJson={setJson} />
          <TagsInput
            label="Labels"
            description="To find the run by, like team=core. Add each with Enter."
            value={[...labels]}
            onChange={(next) => setLabels(next.filter(isLabel))}
          />
          {start.isError && <ProblemAlert error={start.error} />}
          <Group justify="flex-end">
            <Button
              type="submit"
              leftSection={<IconPlayerPlay size={16} aria-hidden />}
              loading={start.isPending}
              disabled={asJson && !isJson(json)}
            >
              Start the run
            </Button>
          </Group>
        </Stack>
      </form>
    </Paper>
  );
}

interface InputsProps {
  readonly fields: readonly Field[] | null;
  readonly asJson: boolean;
  readonly values: FieldValues;
  readonly json: string;
  readonly problems: Readonly<Record<string, string>>;
  readonly onValues: (values: FieldValues) => void;
  readonly onJson: (json: string) => void;
}

function Inputs({ fields, asJson, values, json, problems, onValues, onJson }: InputsProps) {
  if (asJson || fields === null) {
    return (
      <JsonInput
        label="Inputs, as JSON"
        {...(fields === null ? { description: 'The workflow takes any object.' } : {})}
        value={json}
        onChange={onJson}
        error={isJson(json) ? null : 'This is no JSON.'}
        autosize
        minRows={6}
        maxRows={30}
      />
    );
  }
  if (fields.length === 0) return <Text size="sm">The workflow takes no inputs.</Text>;
  return <SchemaForm fields={fields} values={values} problems={problems} onChange={onValues} />;
}

function labelsOf(labels: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(labels.map((label) => [label.slice(0, label.indexOf('=')), label.slice(label.indexOf('=') + 1)]));
}
