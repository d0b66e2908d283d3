import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ROUTES } from '@tutti/rest-contract';
import { buildProduct } from '../product/build.js';
import { root } from '../product/paths.js';
import { cleanUp, Standalone, type Answer } from '../product/standalone-process.js';

const guide = readFileSync(join(root, 'docs', 'api.md'), 'utf8');

interface Sample {
  readonly title: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly status: number;
  /** What the guide shows of the answer; undefined where it shows none. */
  readonly shown: unknown;
}

const SAMPLE = /^```http\n(?<request>.*?)^```\n\nanswers `(?<status>\d+)`(?::\n\n```json\n(?<answer>.*?)^```|\.)/gms;
const samples = [...guide.matchAll(SAMPLE)].map(({ groups = {} }): Sample => {
  const [head = '', ...rest] = (groups['request'] ?? '').split('\n\n');
  const [line = '', ...headers] = head.trim().split('\n');
  const [method = '', path = ''] = line.split(' ');
  return {
    ...{ title: line, method, path, status: Number(groups['status']) },
    headers: Object.fromEntries(headers.map((header) => [header.split(': ')[0]?.toLowerCase() ?? '', header.split(': ')[1] ?? ''])),
    body: rest.length === 0 ? undefined : rest.join('\n\n'),
    shown: groups['answer'] === undefined ? undefined : JSON.parse(groups['answer']),
  };
});

let system: Standalone;
beforeAll(async () => {
  buildProduct();
  system = await Standalone.start();
}, 60_000);
afterAll(cleanUp);

describe('the guide to the API', () => {
  const known: Record<string, string> = {};

  it('shows a request and its answer in each sample', () => {
    expect(samples).toHaveLength(guide.split('```http').length - 1);
  });

  it.each(samples)('shows what $title answers: $status', async ({ method, path, headers, body, status, shown }) => {
    known['TOKEN'] = system.token;
    const sent = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, filled(value)]));
    const answer = await system.call(method, filled(path), { headers: sent, ...(body === undefined ? {} : { body: filled(body) }) });
    expect({ status: answer.status, text: answer.status === status ? '' : answer.text }).toEqual({ status, text: '' });
    if (shown !== undefined) expect(answer.json).toMatchObject(expected(shown) as object);
    remember(answer);
  });

  it('says of every POST what comes of sending it again', () => {
    const [table = ''] = /\| may be sent again \|.*?\n\n/s.exec(guide) ?? [];
    const said = [...table.matchAll(/`([a-z]\w+)`/g)].map(([, id]) => id);
    const withKey = ROUTES.filter(({ headers }) => headers?.safeParse({ 'idempotency-key': ' ' }).success === false).map(({ id }) => id);
    const posts = ROUTES.filter(({ method }) => method === 'POST').map(({ id }) => id);
    expect(said.filter((id) => posts.includes(id ?? '')).sort()).toEqual([...posts].sort());
    const first = table.split('\n').find((row) => row.includes('with an `Idempotency-Key`')) ?? '';
    expect([...first.matchAll(/`([a-z]\w+Run|\w+Step|\w+Schedule)`/g)].map(([, id]) => id).sort()).toEqual([...withKey].sort());
  });

  function filled(text: string): string {
    return text.replaceAll(/\b(?:TOKEN|RUN|POSITION|ETAG)\b/g, (name) => known[name] ?? name);
  }

  function remember({ json, headers }: Answer): void {
    if (typeof json['runId'] === 'string') known['RUN'] = json['runId'];
    if (typeof json['position'] === 'number') known['POSITION'] = String(json['position']);
    if (typeof headers['etag'] === 'string') known['ETAG'] = headers['etag'];
  }
});

/** `…` stands for any text, a position for any number. */
function expected(shown: unknown, name = ''): unknown {
  if (shown === '…') return expect.stringMatching(/./);
  if (name === 'position') return expect.any(Number);
  if (Array.isArray(shown)) return shown.map((item) => expected(item));
  if (typeof shown !== 'object' || shown === null) return shown;
  return Object.fromEntries(Object.entries(shown).map(([key, value]) => [key, expected(value, key)]));
}
