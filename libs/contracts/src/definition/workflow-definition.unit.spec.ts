import { describe, expect, it } from '@jest/globals';
import { isJsonObject, type JsonObject } from '@tutti/kernel';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { workflowDefinition, workflowDefinitionJsonSchema } from './workflow-definition.js';

const full: JsonObject = {
  $schema: 'https://tutti.dev/schemas/workflow.json',
  name: 'order-review',
  description: 'Reviews orders.',
  inputs: { type: 'object', required: ['orders'] },
  steps: {
    check: {
      name: 'Check each order',
      capability: 'orders.check',
      agent: 'checker',
      if: '${{ inputs.orders }}',
      forEach: { items: '${{ inputs.orders }}', concurrency: 5 },
      with: { order: '${{ item }}', depth: [1, null, { exact: true }] },
      timeout: '5m',
      retry: { maxAttempts: 2, initialInterval: '500ms', backoff: 1.5, maxInterval: '1h', jitter: 0, journal: 'reset' },
      output: { type: 'object' },
    },
    judge: {
      needs: ['check'],
      capability: 'orders.judge',
      gates: [
        { name: 'shape', type: 'schema', schema: { type: 'object' }, onFail: { action: 'retry', maxAttempts: 3, journal: 'keep' } },
        { name: 'good', type: 'expression', expression: '${{ output.score > 0.5 }}', onFail: { action: 'goto', step: 'check' } },
        { name: 'sign-off', type: 'approval', title: 'Release?', payload: '${{ output }}', onFail: { action: 'fail' } },
      ],
    },
  },
  outputs: { verdict: '${{ steps.judge.output }}' },
};
const least: JsonObject = { name: 'hello', steps: { greet: { capability: 'demo.greet' } } };

const withStep = (step: JsonObject): JsonObject => ({ ...least, steps: { greet: { capability: 'demo.greet', ...step } } });
const withGate = (gate: JsonObject): JsonObject => withStep({ gates: [{ name: 'gate', ...gate }] });

const REFUSED: readonly (readonly [what: string, definition: JsonObject])[] = [
  ['an unknown member at the top', { ...least, stages: {} }],
  ['an unknown member of a step', withStep({ runs: 'now' })],
  ['an unknown member of retry', withStep({ retry: { attempts: 3 } })],
  ['an unknown member of forEach', withStep({ forEach: { items: '${{ inputs.list }}', limit: 3 } })],
  ['an unknown member of a gate', withGate({ type: 'expression', expression: '${{ true }}', when: 'later' })],
  ['a member of another kind of gate', withGate({ type: 'schema', schema: {}, title: 'Release?' })],
  ['an unknown member of onFail', withGate({ type: 'schema', schema: {}, onFail: { action: 'fail', maxVisits: 2 } })],
  ['an unknown kind of gate', withGate({ type: 'command', command: 'npm test' })],
  ['a missing name', { steps: least['steps'] ?? null }],
  ['a name with capitals', { ...least, name: 'Hello' }],
  ['a missing capability', { ...least, steps: { greet: {} } }],
  ['a step id that begins with a digit', { ...least, steps: { '1st': { capability: 'demo.greet' } } }],
  ['an expression without braces', withStep({ if: 'inputs.ok' })],
  ['a duration without a unit', withStep({ timeout: '5' })],
  ['a duration as a number', withStep({ timeout: 5 })],
  ['a concurrency of none', withStep({ forEach: { items: '${{ inputs.list }}', concurrency: 0 } })],
  ['half an attempt', withStep({ retry: { maxAttempts: 1.5 } })],
];

describe('workflowDefinition', () => {
  it('takes the least there can be, and says what is meant by what was left out', () => {
    expect(workflowDefinition.parse(least)).toEqual({ ...least, description: '' });
    const parsed = workflowDefinition.parse({ ...least, steps: { greet: { capability: 'demo.greet', retry: {} } } });
    const retry = { maxAttempts: 3, initialInterval: '1s', backoff: 2, maxInterval: '1m', jitter: 0.2, journal: 'keep' };
    expect(parsed.steps['greet']?.retry).toEqual(retry);
  });

  it('takes every member there is and keeps what it was given', () => {
    const parsed = workflowDefinition.parse(full);
    expect(parsed).toMatchObject(full);
  });

  it.each(REFUSED)('refuses %s', (_, definition) => {
    expect(workflowDefinition.safeParse(definition).success).toBe(false);
  });

  it('refuses a definition without steps', () => {
    expect(workflowDefinition.safeParse({ ...least, steps: {} }).success).toBe(false);
  });

  it('gives every problem at once, each with its path', () => {
    const result = workflowDefinition.safeParse({ name: 'Hello', steps: { greet: { capability: 'Demo', timeout: 'soon', runs: 1 } } });
    const paths = result.error?.issues.map((issue) => issue.path.join('.'));
    expect(paths).toEqual(expect.arrayContaining(['name', 'steps.greet.capability', 'steps.greet.timeout', 'steps.greet']));
  });
});

describe('workflowDefinitionJsonSchema', () => {
  const schema = workflowDefinitionJsonSchema();
  // Strict: an unknown keyword is an error, so nothing but draft 2020-12 can be in it.
  const ajv = new Ajv2020({ strict: true, strictTypes: false, allErrors: true });

  it('is plain JSON and says which draft it is', () => {
    expect(JSON.parse(JSON.stringify(schema))).toStrictEqual(schema);
    expect(isJsonObject(schema) && schema['$schema']).toBe('https://json-schema.org/draft/2020-12/schema');
  });

  it('is a valid schema of that draft', () => {
    expect(ajv.validateSchema(schema as JsonObject)).toBe(true);
  });

  it('takes what the parser takes', () => {
    const validate = ajv.compile(schema as JsonObject);
    for (const definition of [full, least]) {
      expect(validate(definition) || validate.errors).toBe(true);
    }
  });

  it.each(REFUSED)('refuses %s as the parser does', (_, definition) => {
    const own = new Ajv2020({ strictTypes: false });
    expect(own.validate(schema as JsonObject, definition)).toBe(false);
  });
});
