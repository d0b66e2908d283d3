import { Group, Paper, SegmentedControl, Stack, TagsInput, Text } from '@mantine/core';
import { startRun, type WorkflowView } from '@tutti/rest-contract';
import { IconPlayerPlay } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { useHttp } from '../../../api/http-context.js';
import { fieldProblemsOf, problemOf } from '../../../api/problem.js';
import { useRefusal } from '../../../session/use-may.js';
import { browserSystem } from '../../../system/browser-system.js';
import { ActionButton } from '../../../ui/action-button.js';
import { JsonField } from '../../../ui/json-field.js';
import { isJsonObject, readJsonObject, type JsonObject } from '../../../ui/json-text.js';
import { ProblemAlert } from '../../../ui/problem-alert.js';
import { isLabel } from '../list/run-filter.js';
import { assemble } from './assemble.js';
import { draftOf } from './draft.js';
import { nodeOf } from './schema-node.js';
import { SchemaForm } from './schema-form.js';

interface StartFormProps {
  readonly workflow: WorkflowView;
  /** The version to run; 0 for the one that new runs get. */
  readonly pinned: number;
  readonly inputs?: unknown;
  readonly labels?: Readonly<Record<string, string>>;
}

type Problems = Readonly<Record<string, string>>;

/** The inputs as a form made of their schema, or as JSON: each is made of the other. */
export function StartForm({ workflow, pinned, inputs: begun, labels: begunLabels = {} }: StartFormProps) {
  const http = useHttp();
  const navigate = useNavigate();
  const [node] = useState(() => nodeOf(workflow.definition['inputs']));
  const hasForm = node.kind === 'group';
  const [asJson, setAsJson] = useState(!hasForm);
  const [draft, setDraft] = useState(() => draftOf(node, begun ?? node.initial));
  const [json, setJson] = useState(() => JSON.stringify(begun ?? node.initial ?? {}, null, 2));
  const [labels, setLabels] = useState<readonly string[]>(() => Object.entries(begunLabels).map(([key, value]) => `${key}=${value}`));
  const [problems, setProblems] = useState<Problems>({});
  // One key for one form: a start that is sent twice starts one run.
  const [key, setKey] = useState(() => browserSystem.newId());
  const refusal = useRefusal(startRun);
  const start = useMutation({
    mutationFn: (inputs: JsonObject) => {
      const body = { workflow: workflow.name, workflowVersion: pinned, inputs: inputs, labels: labelsOf(labels) };
      return http.ask(startRun, { body, idempotencyKey: key });
    },
    onSuccess: ({ runId }) => navigate(`/runs/${encodeURIComponent(runId)}`),
    onError: (error) => {
      setKey(browserSystem.newId());
      setProblems(Object.fromEntries(fieldProblemsOf(problemOf(error)).map(({ path, message }) => [path, `${message}.`])));
    },
  });
  const submit = (): void => {
    if (asJson) {
      if (isJsonObject(json)) start.mutate(readJsonObject(json));
      return;
    }
    const assembled = assemble(node, draft);
    setProblems(assembled.problems);
    if (Object.keys(assembled.problems).length === 0) start.mutate(assembled.value as JsonObject);
    else focusFirstProblem();
  };
  const show = (next: string): void => {
    if (next === 'json') setJson(JSON.stringify(assemble(node, draft).value ?? {}, null, 2));
    else if (isJsonObject(json)) setDraft(draftOf(node, JSON.parse(json)));
    else return;
    setProblems({});
    setAsJson(next === 'json');
  };
  return (
    <Paper withBorder p={{ base: 'md', sm: 'lg' }} radius="md" maw={760}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <Stack gap="md">
          {hasForm && (
            <SegmentedControl
              size="xs"
              aria-label="How to give the inputs"
              data={[
                { value: 'form', label: 'Form' },
                { value: 'json', label: 'JSON' },
              ]}
              value={asJson ? 'json' : 'form'}
              onChange={show}
              style={{ alignSelf: 'flex-start' }}
            />
          )}
          {asJson ? (
            <JsonField
              label="Inputs, as JSON"
              description={hasForm ? '' : 'The workflow takes any object.'}
              value={json}
              onChange={setJson}
              error={isJsonObject(json) ? null : 'Expected an object.'}
              minRows={8}
            />
          ) : (
            <SchemaForm node={node} draft={draft} path="" problems={problems} onChange={setDraft} />
          )}
          <TagsInput
            label="Labels"
            description="To find the run by, like team=core. Add each with Enter."
            value={[...labels]}
            onChange={(next) => setLabels(next.filter(isLabel))}
          />
          {start.isError && <ProblemAlert error={start.error} />}
          {Object.keys(problems).length > 0 && !start.isError && (
            <Text size="sm" c="var(--mantine-color-error)" role="alert">
              Some inputs need another look.
            </Text>
          )}
          <Group justify="flex-end">
            <ActionButton type="submit" refusal={refusal} leftSection={<IconPlayerPlay size={16} aria-hidden />} loading={start.isPending}>
              Start the run
            </ActionButton>
          </Group>
        </Stack>
      </form>
    </Paper>
  );
}

/** Once it is drawn, the field with the first objection gets the focus. */
function focusFirstProblem(): void {
  browserSystem.after(0, () => document.querySelector<HTMLElement>('form [aria-invalid="true"]')?.focus());
}

function labelsOf(labels: readonly string[]): Record<string, string> {
  return Object.fromEntries(labels.map((label) => [label.slice(0, label.indexOf('=')), label.slice(label.indexOf('=') + 1)]));
}
