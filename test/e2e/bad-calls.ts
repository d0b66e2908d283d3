import fc, { type Arbitrary } from 'fast-check';

export interface BadCall {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | undefined;
  /** Chance may have made something that is right after all, or asks for nothing that exists. */
  readonly mayBeTaken: boolean;
}

const JSON_TYPE = { 'content-type': 'application/json' };
const YAML_TYPE = { 'content-type': 'application/yaml' };

const anyJson = fc.jsonValue({ depthSize: 'small' });
const wildText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.string({ maxLength: 200 }),
  fc.constantFrom('', '__proto__', 'constructor', '\0', '../..', '${{', '${{ ( }}', '9'.repeat(400)),
);
const scalar = fc.oneof(wildText, fc.integer(), fc.double(), fc.boolean(), fc.constant(null));

/** Cuts and splices a text at random places. */
const mangled = (text: string): Arbitrary<string> =>
  fc
    .tuple(fc.nat({ max: text.length }), fc.nat({ max: 40 }), wildText)
    .map(([at, length, put]) => text.slice(0, at) + put + text.slice(at + length));

const STEP_KEYS = ['capability', 'needs', 'if', 'with', 'timeout', 'retry', 'forEach', 'output', 'gates', 'agent', 'colour'];
const oddStep = fc.dictionary(fc.constantFrom(...STEP_KEYS), fc.oneof(scalar, anyJson), { maxKeys: 6 });
const oddDefinition = fc.record(
  {
    name: fc.oneof(fc.constantFrom('odd', 'odd-one', 'Odd', 'odd_one', ''), scalar),
    description: scalar,
    inputs: fc.oneof(
      anyJson,
      fc.constantFrom(
        { type: 'none' },
        { $ref: '#/nowhere' },
        { $ref: 'https://elsewhere.example/schema' },
        { pattern: '(a+)+$' },
        { pattern: '(' },
      ),
    ),
    steps: fc.dictionary(fc.constantFrom('a', 'b', 'c-1', '1', '', '__proto__', 'a b'), fc.oneof(oddStep, scalar), { maxKeys: 4 }),
    outputs: fc.oneof(anyJson, fc.dictionary(fc.constantFrom('x', 'y'), wildText)),
    more: scalar,
  },
  { requiredKeys: [] },
);

/** Whole and right but for one thing. */
const nearlyRight = fc
  .constantFrom<object>(
    { needs: 'b' },
    { needs: ['a'] },
    { if: 'inputs.x' },
    { if: '${{ ( }}' },
    { if: '${{ steps.later.output }}' },
    { with: { x: '${{ steps.nowhere.output }}' } },
    { timeout: 'soon' },
    { timeout: '-1s' },
    { timeout: '99999999999d' },
    { retry: { maxAttempts: 0 } },
    { retry: { backoff: 1e308 } },
    { forEach: { items: [1, 2] } },
    { forEach: { items: '${{ [1] }}', concurrency: 1e9 } },
    { output: { type: 'nothing' } },
    { output: { pattern: '(' } },
    { gates: [{ name: 'g', type: 'oracle' }] },
    { gates: [{ name: 'g', type: 'expression', expression: '${{ $foo( }}' }] },
    { gates: [{ name: 'g', type: 'approval', title: '' }] },
    { gates: [{ name: 'g', type: 'approval', title: 'T', onFail: { action: 'goto', step: 'nowhere' } }] },
    { capability: 'No Such Thing' },
    { capability: '' },
  )
  .map((wrong) => JSON.stringify({ name: 'nearly-right', steps: { a: { capability: 'probe.echo', ...wrong } } }));

const DEFINITION = `name: mangled
steps:
  first: { capability: probe.echo, with: { n: "\${{ inputs.n }}" } }
  second:
    capability: probe.echo
    needs: first
    gates: [{ name: fine, type: expression, expression: "\${{ output.n > 0 }}" }]
`;
const YAML_TEXTS = [
  'a: &a [*a]',
  `${'- '.repeat(3_000)}x`,
  '%YAML 9.9\n---\n',
  '? ? ?',
  '!!js/function "x"',
  '\t',
  '&a a: *b',
  '<<: 1',
  `x: ${'['.repeat(2_000)}`,
  '- 1\n--- 2\n',
];

/** Definitions that are wrong in shape, in meaning, or as YAML. */
export const badDefinition: Arbitrary<BadCall> = fc
  .oneof(
    { weight: 3, arbitrary: nearlyRight.map((body) => ({ body, mayBeTaken: false })) },
    { weight: 4, arbitrary: oddDefinition.map((value) => ({ body: JSON.stringify(value), mayBeTaken: true })) },
    { weight: 4, arbitrary: mangled(DEFINITION).map((body) => ({ body, mayBeTaken: true })) },
    { weight: 1, arbitrary: fc.constantFrom(...YAML_TEXTS).map((body) => ({ body, mayBeTaken: false })) },
    { weight: 1, arbitrary: wildText.map((body) => ({ body, mayBeTaken: false })) },
    { weight: 1, arbitrary: fc.uint8Array({ minLength: 1, maxLength: 300 }).map((body) => ({ body, mayBeTaken: false })) },
  )
  .map(({ body, mayBeTaken }) => ({ method: 'POST', path: '/v1/workflows', headers: YAML_TYPE, body, mayBeTaken }));

const wrongInputs = fc.oneof(
  anyJson,
  fc.record({ count: fc.oneof(scalar, fc.integer({ min: 10 })), names: anyJson }, { requiredKeys: [] }),
  fc.record({ count: fc.constant(1), names: fc.array(scalar, { minLength: 4 }) }),
  fc.record({ count: fc.constant(1), names: fc.constant(['a']), more: scalar }),
);

/** Requests for a run with inputs, labels or versions that are not taken. */
export const badInputs: Arbitrary<BadCall> = fc
  .oneof(
    { weight: 5, arbitrary: wrongInputs.map((inputs) => JSON.stringify({ workflow: 'takes-little', inputs })) },
    {
      weight: 2,
      arbitrary: fc
        .record({ workflow: scalar, inputs: anyJson, labels: anyJson, workflowVersion: scalar })
        .map((body) => JSON.stringify(body)),
    },
    { weight: 1, arbitrary: anyJson.map((body) => JSON.stringify(body)) },
    {
      weight: 1,
      arbitrary: fc
        .integer({ min: 2 })
        .map((workflowVersion) => JSON.stringify({ workflow: 'takes-little', workflowVersion, inputs: { count: 1, names: [] } })),
    },
    {
      weight: 1,
      arbitrary: fc
        .integer({ min: 200, max: 20_000 })
        .map((depth) => `{"workflow":"takes-little","inputs":{"count":${'['.repeat(depth)}${']'.repeat(depth)}}}`),
    },
    { weight: 2, arbitrary: mangled('{"workflow":"takes-little","inputs":{"count":"one","names":["a"]},"labels":{"team":"blue"}}') },
  )
  .map((body) => ({ method: 'POST', path: '/v1/runs', headers: JSON_TYPE, body, mayBeTaken: false }));

const method = fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE');
const segment = fc.oneof(
  wildText.map((text) => encodeURIComponent(text.toWellFormed())),
  fc.constantFrom('%', '%zz', '%00', '..', '.', '%2e%2e', '%ff', 'x'.repeat(600)),
);
const path = fc.oneof(
  fc.array(segment, { maxLength: 5 }).map((parts) => `/${parts.join('/')}`),
  fc
    .tuple(fc.constantFrom('runs', 'workflows', 'approvals', 'agents', 'services', 'events', 'feed'), segment)
    .map((parts) => `/v1/${parts.join('/')}`),
  fc.tuple(segment, fc.constantFrom('cancel', 'tasks', 'why', 'events', 'approve')).map((parts) => `/v1/runs/${parts.join('/')}`),
  fc.tuple(segment, fc.constantFrom('approve', 'reject', '')).map((parts) => `/v1/approvals/${parts.join('/')}`),
);
const NAMES = [
  'pageSize',
  'pageToken',
  'minPosition',
  'status',
  'workflow',
  'from',
  'after',
  'limit',
  'category',
  'metadata.x',
  'metadata',
  'capability',
  'colour',
];
const query = fc
  .array(fc.tuple(fc.constantFrom(...NAMES), fc.oneof(wildText, fc.constantFrom('-1', '0', '1e9', 'NaN', 'true', 'e30=', 'bnVsbA=='))), {
    minLength: 1,
    maxLength: 3,
  })
  .map((pairs) => `?${pairs.map(([name, value]) => `${name}=${encodeURIComponent(value.toWellFormed())}`).join('&')}`)
  // A position that is still to come is waited for, which is right and slow.
  .map((text) => text.replace(/minPosition=(?=\d)/g, 'minPosition=-'));
const headers = fc.constantFrom<Readonly<Record<string, string>>>(
  {},
  JSON_TYPE,
  YAML_TYPE,
  { 'content-type': 'application/json; charset=latin1' },
  { 'content-type': '/' },
  { ...JSON_TYPE, 'content-encoding': 'gzip' },
  { ...JSON_TYPE, 'tutti-actor': 'nobody in particular' },
  { ...JSON_TYPE, 'idempotency-key': 'two words' },
  { authorization: 'Basic dXNlcjpwYXNz' },
  { authorization: 'Bearer' },
  { origin: 'null' },
  { host: 'elsewhere.example' },
  { accept: 'image/png', range: 'bytes=0-1', 'if-match': '*' },
);

/** Anything that is HTTP, anywhere. */
export const badRequest: Arbitrary<BadCall> = fc
  .record({
    method,
    path,
    query: fc.option(query, { nil: '' }),
    headers,
    body: fc.option(
      fc.oneof(
        wildText,
        anyJson.map((value) => JSON.stringify(value)),
      ),
      { nil: undefined },
    ),
  })
  .map(({ method, path, query, headers, body }) => ({
    ...{ method, path: path + query, headers, mayBeTaken: method === 'GET' },
    // Without a body where HTTP gives it no meaning.
    body: method === 'GET' ? undefined : body,
  }));
