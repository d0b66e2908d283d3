import { describe, expect, it } from '@jest/globals';
import { isTuttiError, type TuttiError } from '@tutti/kernel';
import { z } from 'zod';
import { configJsonSchema, loadConfig, type ConfigSources } from './load-config.js';

const schema = z.object({
  dataDir: z.string().default('.tutti'),
  gateway: z.object({ port: z.coerce.number().int().min(1).max(65_535).default(4700), host: z.string().default('127.0.0.1') }).prefault({}),
  limits: z.object({ maxRuns: z.coerce.number().int().positive() }).default({ maxRuns: 100 }),
  tracing: z.stringbool().default(false),
  origins: z.array(z.string()).default([]),
});

const load = (yaml: string | null, env: ConfigSources['env'] = {}) => loadConfig(schema, { yaml, yamlName: 'tutti.yaml', env });

function refusal(yaml: string | null, env: ConfigSources['env'] = {}): TuttiError {
  try {
    load(yaml, env);
  } catch (error) {
    if (isTuttiError(error, 'INVALID_CONFIG')) return error;
    throw error;
  }
  throw new Error('the configuration was taken');
}

describe('loadConfig', () => {
  it.each([[null], [''], ['# only a comment\n']])('gives the defaults when the file is %p', (yaml) => {
    expect(load(yaml)).toEqual({
      ...{ dataDir: '.tutti', gateway: { port: 4700, host: '127.0.0.1' } },
      ...{ limits: { maxRuns: 100 }, tracing: false, origins: [] },
    });
  });

  it('takes the file, and over it the environment, member by member', () => {
    const config = load('gateway:\n  port: 5000\n  host: "::1"\ndataDir: /srv/tutti\n', { TUTTI_GATEWAY__PORT: '6000' });
    expect(config.gateway).toEqual({ port: 6000, host: '::1' });
    expect(config.dataDir).toBe('/srv/tutti');
  });

  it('reads one underscore as a new word and two as a level down', () => {
    const config = load(null, { TUTTI_DATA_DIR: '/d', TUTTI_LIMITS__MAX_RUNS: '7', TUTTI_TRACING: 'yes' });
    expect(config).toMatchObject({ dataDir: '/d', limits: { maxRuns: 7 }, tracing: true });
  });

  it('replaces an entry of a list by its number', () => {
    expect(load('origins: [a, b]\n', { TUTTI_ORIGINS__1: 'c' }).origins).toEqual(['a', 'c']);
  });

  it('leaves alone what is not for Tutti, and names without a value', () => {
    const config = load(null, { DATA_DIR: '/no', PATH: '/bin', tutti_data_dir: '/no', TUTTI_DATA_DIR: undefined });
    expect(config.dataDir).toBe('.tutti');
  });

  it('puts a level in place of a plain value that the file has there', () => {
    expect(load('gateway: none\n', { TUTTI_GATEWAY__PORT: '6000' }).gateway.port).toBe(6000);
  });

  it('tells every problem at once, from the file and the environment, each with its path', () => {
    const error = refusal('gateway: { port: 70000 }\norigins: all\n', { TUTTI_LIMITS__MAX_RUNS: 'many', TUTTI_TRACING: 'perhaps' });
    const { problems } = error.details as { readonly problems: readonly string[] };
    expect(problems.map((problem) => problem.slice(0, problem.indexOf(':')))).toEqual([
      'gateway.port',
      'limits.maxRuns',
      'tracing',
      'origins',
    ]);
    for (const problem of problems) expect(error.message).toContain(problem);
  });

  it('names the file and every place in it that is not YAML', () => {
    const error = refusal('dataDir: "open\ngateway: [1, 2\n');
    expect(error.message).toContain('tutti.yaml is not YAML');
    expect(error.message).toMatch(/line \d+/);
  });

  it.each([
    ['a list', '- a\n- b\n', 'found a list'],
    ['a text', 'just text\n', 'found string'],
  ])('refuses a file that is %s', (_, yaml, found) => {
    expect(refusal(yaml).message).toBe(`tutti.yaml must be a mapping of settings, ${found}`);
  });

  it('changes no prototype, whatever the file and the environment are called', () => {
    const open = z.looseObject({});
    const env = { TUTTI_CONSTRUCTOR__PROTOTYPE__POLLUTED: 'yes', TUTTI___PROTO____POLLUTED: 'yes', TUTTI_: 'yes' };
    for (const yaml of [null, '__proto__:\n  polluted: yes\nconstructor:\n  prototype:\n    polluted: yes\n']) {
      loadConfig(open, { yaml, env });
      expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
      expect((Object as unknown as Record<string, unknown>)['polluted']).toBeUndefined();
    }
  });
});

describe('configJsonSchema', () => {
  it('describes what may be written, so that members with defaults are not required', () => {
    const published = configJsonSchema(z.object({ port: z.number().default(4700), host: z.string() }));
    expect(published).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      required: ['host'],
      properties: { port: { type: 'number', default: 4700 } },
    });
  });
});
