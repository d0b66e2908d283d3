import fc from 'fast-check';
import type { ApiDocument, Operation, Parameter } from './api-document.js';
import { ODD_TEXTS, valuesOf } from './generated-values.js';

export interface GeneratedRequest {
  readonly operation: Operation;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What is there: so that not all answers are that there is nothing. */
export type KnownValues = (operation: Operation, parameter: Parameter) => readonly string[];

interface Parts {
  readonly path: Readonly<Record<string, string>>;
  readonly query: readonly (readonly [string, string])[];
  readonly headers: Readonly<Record<string, string>>;
  readonly contentType?: string;
  readonly value?: unknown;
  /** In place of the value: sent as it is. */
  readonly text?: string;
}

/** Requests that the document describes. */
export function goodRequests(document: ApiDocument, operation: Operation, known: KnownValues): fc.Arbitrary<GeneratedRequest> {
  return partsOf(document, operation, known).map((parts) => requestOf(operation, parts));
}

/** Requests of which one thing is not as the document has it; some of them may be taken all the same. */
export function badRequests(document: ApiDocument, operation: Operation, known: KnownValues): fc.Arbitrary<GeneratedRequest> {
  const ways: readonly Way[] = [
    badQuery,
    badHeader,
    ...(operation.path.includes('{') ? [badPath] : []),
    ...(operation.requestBody === undefined ? [unexpectedBody] : [badValue, badValue, badText, badType]),
  ];
  return fc
    .tuple(partsOf(document, operation, known), fc.constantFrom(...ways), fc.nat())
    .chain(([parts, way, at]) => way(parts, at).map((request) => requestOf(operation, { ...parts, ...request })));
}

/** What is put in place of parts of a good request; `at` says which part, where there are several. */
type Way = (parts: Parts, at: number) => fc.Arbitrary<Partial<Parts>>;

function partsOf(document: ApiDocument, operation: Operation, known: KnownValues): fc.Arbitrary<Parts> {
  const of = (place: Parameter['in']) => operation.parameters.filter((parameter) => parameter.in === place);
  const record = (parameters: readonly Parameter[]) =>
    fc.record(Object.fromEntries(parameters.map((parameter) => [parameter.name, parameterValues(document, operation, parameter, known)])), {
      requiredKeys: parameters.filter(({ required }) => required === true).map(({ name }) => name),
    });
  const content = Object.entries(operation.requestBody?.content ?? {});
  const bodies =
    content.length === 0
      ? fc.constant({})
      : fc.oneof(...content.map(([contentType, { schema }]) => valuesOf(document, schema).map((value) => ({ contentType, value }))));
  return fc
    .record({ path: record(of('path')), query: record(of('query')), headers: record(of('header')), body: bodies })
    .map(({ path, query, headers, body }) => ({
      path: Object.fromEntries(Object.entries(path).map(([name, value]) => [name, encoded(String(value)) || '-'])),
      query: Object.entries(query).flatMap(([name, value]) => queryEntries(name, value)),
      headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, headerText(String(value))])),
      ...body,
    }));
}

function parameterValues(document: ApiDocument, operation: Operation, parameter: Parameter, known: KnownValues): fc.Arbitrary<unknown> {
  // A position that is not reached is waited for.
  if (parameter.name === 'minPosition') return fc.constantFrom('0', '1');
  const generated = valuesOf(document, parameter.schema).map((value) => (typeof value === 'number' ? String(value) : value));
  const values = known(operation, parameter);
  return values.length === 0
    ? generated
    : fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...values) }, { weight: 1, arbitrary: generated });
}

function queryEntries(name: string, value: unknown): readonly (readonly [string, string])[] {
  if (Array.isArray(value)) return value.map((item) => [name, String(item)] as const);
  if (typeof value !== 'object' || value === null) return [[name, String(value)]];
  return Object.entries(value).map(([key, item]) => [`${name}[${key}]`, String(item)] as const);
}

function requestOf(operation: Operation, { path, query, headers, contentType, value, text }: Parts): GeneratedRequest {
  const address = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => path[name] ?? '-');
  const search = query.map(([name, item]) => `${encoded(name)}=${encoded(item)}`).join('&');
  const isText = typeof value === 'string' && contentType?.endsWith('json') !== true;
  const body = text ?? (contentType === undefined ? undefined : isText ? value : JSON.stringify(value));
  return {
    operation,
    path: search === '' ? address : `${address}?${search}`,
    headers: { ...headers, ...(contentType === undefined ? {} : { 'content-type': contentType }) },
    ...(body === undefined ? {} : { body }),
  };
}

const WRONG_VALUES: readonly unknown[] = [null, 1e308, -1, 1.5, true, [], {}, [null], 'x'.repeat(20_000), ...ODD_TEXTS];
const WRONG_TEXTS = [
  '',
  '{',
  'null',
  '[]',
  '"text"',
  '1e999',
  '{"a":1,"a":2}',
  '\ufeff{}',
  `${'['.repeat(5_000)}${']'.repeat(5_000)}`,
  '{"__proto__":{}}',
];
const WRONG_PATHS = [
  '%00',
  '%zz',
  '%',
  '%ed%a0%80',
  '..',
  '.',
  '%2f',
  '',
  '~',
  'x'.repeat(390),
  'x'.repeat(2_000),
  '__proto__',
  '%e2%80%ae',
];
const WRONG_TYPES = [
  'text/plain',
  'application/x-www-form-urlencoded',
  'application/json; charset=latin1',
  'multipart/form-data; boundary=x',
  'json',
  '',
];
const WRONG_HEADERS: readonly (readonly [string, string])[] = [
  ['idempotency-key', 'with spaces'],
  ['idempotency-key', 'x'.repeat(1_000)],
  ['tutti-actor', 'nobody'],
  ['traceparent', 'garbage'],
  ['content-encoding', 'gzip'],
  ['authorization', 'Bearer wrong'],
  ['authorization', 'Basic dXNlcjpwYXNz'],
  ['host', 'evil.example'],
  ['origin', 'https://evil.example'],
  ['if-none-match', 'W/"a", *, "'],
  ['last-event-id', 'x'],
];

/** One member left out, of another kind, or too many. */
const badValue: Way = ({ value }, at) => {
  const names = typeof value === 'object' && value !== null ? Object.keys(value) : [];
  const name = names[at % Math.max(1, names.length)] ?? 'name';
  const wrong = WRONG_VALUES[at % WRONG_VALUES.length];
  const members = value as object;
  const changed = [wrong, { ...members, [name]: wrong }, { ...members, [name]: undefined }, { ...members, surplus: wrong }];
  return fc.constantFrom(...changed.map((made) => ({ value: made })));
};

const badText: Way = () => fc.constantFrom(...WRONG_TEXTS.map((text) => ({ text })));

const badType: Way = () => fc.constantFrom(...WRONG_TYPES.map((contentType) => ({ contentType })));

const unexpectedBody: Way = () =>
  fc.constantFrom({ contentType: 'text/plain', value: 'text' }, { contentType: 'application/json', value: { a: 1 } });

const badPath: Way = ({ path }, at) => {
  const names = Object.keys(path);
  const name = names[at % Math.max(1, names.length)] ?? '';
  return fc.constantFrom(...WRONG_PATHS.map((wrong) => ({ path: { ...path, [name]: wrong } })));
};

const badQuery: Way = ({ query }, at) => {
  const name = query[at % Math.max(1, query.length)]?.[0] ?? 'pageSize';
  const wrong = fc.constantFrom('', '-2', '1.5', '1e9', '99999999999999999999', 'NaN', 'null', 'x'.repeat(3_000), ...ODD_TEXTS);
  const others = query.filter(([other]) => other !== name);
  return fc
    .tuple(fc.constantFrom(name, `${name}[]`, 'surplus', '__proto__', 'pageToken', 'status'), wrong)
    .map((entry) => ({ query: [...others, entry] }));
};

const badHeader: Way = ({ headers }) =>
  fc.constantFrom(...WRONG_HEADERS.map(([name, value]) => ({ headers: { ...headers, [name]: value } })));

function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

/** What a header may hold. */
function headerText(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '-');
}
