import { beforeAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root, trackedFiles } from './tracked-files.js';

interface Finding {
  readonly rule: string | null;
  readonly message: string;
}

interface Sample {
  readonly title: string;
  readonly filePath: string;
  readonly code: string;
  /** The rule that must report the sample, or `undefined` where nothing may. */
  readonly rule: string | undefined;
}

const boundaries = '@nx/enforce-module-boundaries';

const boundarySamples: readonly Sample[] = [
  refusedImport('libs/kernel', '@tutti/contracts'),
  refusedImport('libs/kernel', '@tutti/gateway'),
  refusedImport('libs/contracts', '@tutti/event-store'),
  refusedImport('libs/event-store', '@tutti/service-kit'),
  refusedImport('libs/service-kit', '@tutti/event-store'),
  refusedImport('libs/agent-sdk', '@tutti/contracts'),
  refusedImport('libs/architecture-design', '@tutti/event-store'),
  refusedImport('libs/read-models', '@tutti/coordinator'),
  refusedImport('services/gateway', '@tutti/coordinator'),
  refusedImport('services/gateway', '@tutti/architecture-design'),
  refusedImport('services/cli', '@tutti/event-store'),
  refusedImport('services/cli', '@tutti/event-store/embedded'),
  refusedImport('services/cli', '@tutti/gateway'),
  refusedImport('services/registry', '@tutti/cli'),
  refusedImport('services/cli', '@tutti/standalone'),
  allowedImport('libs/event-bus', '@tutti/event-store'),
  allowedImport('services/gateway', '@tutti/kernel'),
  allowedImport('services/standalone', '@tutti/coordinator'),
  allowedImport('services/simulation', '@tutti/coordinator'),
  refusedImport('services/simulation', '@tutti/cli'),
  allowedImport('services/standalone', '@tutti/cli'),
];

const importSamples: readonly Sample[] = [
  inService(
    'refuses an adapter outside the composition root',
    `import { x } from '@tutti/event-store/embedded'; export { x };`,
    'no-restricted-imports',
  ),
  inService('refuses test support outside tests', `import { x } from '@tutti/kernel/testing'; export { x };`, 'no-restricted-imports'),
  inService(
    'refuses ids from node:crypto',
    `import { randomUUID } from 'node:crypto'; export const id = randomUUID();`,
    'no-restricted-imports',
  ),
  inService('refuses node:timers', `import { setTimeout as later } from 'node:timers'; export { later };`, 'no-restricted-imports'),
];

const seamSamples: readonly Sample[] = [
  inService('refuses Date.now()', 'export const now = Date.now();', 'no-restricted-properties'),
  inService('refuses a date of the present', 'export const now = new Date();', 'no-restricted-syntax'),
  inService('refuses setTimeout', 'setTimeout(() => undefined, 1);', 'no-restricted-globals'),
  inService('refuses setInterval', 'setInterval(() => undefined, 1);', 'no-restricted-globals'),
  inService('refuses setImmediate', 'setImmediate(() => undefined);', 'no-restricted-globals'),
  inService('refuses a timer through globalThis', 'globalThis.setTimeout(() => undefined, 1);', 'no-restricted-properties'),
  inService('refuses Math.random()', 'export const chance = Math.random();', 'no-restricted-properties'),
  inService('refuses performance.now()', 'export const now = performance.now();', 'no-restricted-properties'),
  inService('refuses crypto.randomUUID()', 'export const id = crypto.randomUUID();', 'no-restricted-properties'),
  inService('refuses process.env', 'export const home = process.env;', 'no-restricted-properties'),
  {
    title: 'lets an adapter read the clock',
    filePath: fileOf('libs/event-store/src/embedded', /\/[a-z-]+\.ts$/),
    code: 'export const now = Date.now();\n',
    rule: undefined,
  },
  {
    title: 'refuses fake timers in a spec',
    filePath: fileOf('libs', /\.unit\.spec\.ts$/),
    code: `import { jest } from '@jest/globals';\njest.useFakeTimers();\n`,
    rule: 'no-restricted-properties',
  },
];

const shapeSamples: readonly Sample[] = [
  inService('refuses a default export', 'export default 1;', 'no-restricted-syntax'),
  inService('refuses a wildcard re-export', `export * from 'node:path';`, 'no-restricted-syntax'),
  inService('refuses an enum', 'export enum Colour { Red }', 'no-restricted-syntax'),
  inService('refuses any', 'export const x: any = 1;', '@typescript-eslint/no-explicit-any'),
  inService('refuses a floating promise', 'Promise.resolve(1);', '@typescript-eslint/no-floating-promises'),
  inService('refuses a promise as a condition', 'export const x = Promise.resolve(1) ? 1 : 2;', '@typescript-eslint/no-misused-promises'),
  inService(
    'refuses a switch that forgets a member',
    `export function f(x: 'a' | 'b'): number { switch (x) { case 'a': return 1; } return 2; }`,
    '@typescript-eslint/switch-exhaustiveness-check',
  ),
  inService(
    'refuses a type imported as a value',
    `import { Writable } from 'node:stream'; export type Out = Writable;`,
    '@typescript-eslint/consistent-type-imports',
  ),
  inService(
    'refuses a member that could be readonly',
    'export class A { private x = 1; y(): number { return this.x; } }',
    '@typescript-eslint/prefer-readonly',
  ),
];

const samples = [...boundarySamples, ...importSamples, ...seamSamples, ...shapeSamples];

describe('the lint rules', () => {
  let findings: readonly (readonly Finding[])[] = [];

  beforeAll(() => {
    const run = spawnSync(process.execPath, [join(import.meta.dirname, 'child-processes/lint-samples.mjs')], {
      cwd: root,
      input: JSON.stringify(samples.map(({ filePath, code }) => ({ filePath: join(root, filePath), code }))),
      encoding: 'utf8',
      // In its single-run mode (CI=true) the parser would read the files from disk instead of the samples.
      env: { ...process.env, TSESTREE_SINGLE_RUN: 'false', NODE_OPTIONS: '' },
      timeout: 110_000,
    });
    if (run.status !== 0) throw new Error(`linting the samples failed: ${run.stderr}`);
    findings = JSON.parse(run.stdout) as readonly (readonly Finding[])[];
  }, 120_000);

  it.each(samples.map((sample, index) => ({ ...sample, index })))('$title', ({ rule, index }) => {
    const found = findings[index] ?? [];
    if (rule === undefined) expect(found).toEqual([]);
    else expect(found.map((finding) => finding.rule)).toContain(rule);
  });
});

function inService(title: string, code: string, rule: string): Sample {
  return { title, filePath: fileOf('services/gateway/src', /\.controller\.ts$/), code: `${code}\n`, rule };
}

function refusedImport(project: string, imported: string): Sample {
  return { title: `refuses ${imported} in ${project}`, ...importing(project, imported), rule: boundaries };
}

function allowedImport(project: string, imported: string): Sample {
  return { title: `allows ${imported} in ${project}`, ...importing(project, imported), rule: undefined };
}

function importing(project: string, imported: string): { readonly filePath: string; readonly code: string } {
  return {
    filePath: fileOf(`${project}/src`, /^(?!.*\.spec\.ts$).*\.ts$/),
    code: `import * as other from '${imported}';\nexport { other };\n`,
  };
}

/** A file that exists: the type-checked rules know only files of the program, whose text the sample then stands in for. */
function fileOf(directory: string, pattern: RegExp): string {
  const file = trackedFiles().find((path) => path.startsWith(`${directory}/`) && pattern.test(path));
  if (file === undefined) throw new Error(`${directory} holds no file like ${pattern.source}`);
  return file;
}
