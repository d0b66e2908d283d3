import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { buildProduct } from '../product/build.js';
import { root } from '../product/paths.js';
import { cleanUp, temporaryFolder, tutti } from '../product/standalone-process.js';
import { until } from '../product/waiting.js';

const PLAN = join(root, 'examples', 'phased-delivery', 'plan.yaml');
const LIMIT_MS = 90_000;

beforeAll(buildProduct, LIMIT_MS);
afterAll(cleanUp);

/** What waits for a person and is not among those that were seen before. */
async function nextApproval(folder: string, seen: ReadonlySet<string>): Promise<{ readonly id: string; readonly title: string }> {
  return until('an approval', async () => {
    const { code, out } = await tutti(folder, 'approvals', '--json').ended;
    if (code !== 0) return null;
    const { approvals } = JSON.parse(out) as { readonly approvals: readonly { readonly id: string; readonly title: string }[] };
    return approvals.find(({ id }) => !seen.has(id)) ?? null;
  });
}

describe('phased-delivery on a machine where nothing runs yet', () => {
  it(
    'delivers the example when each milestone is approved from another terminal, and writes what was delivered',
    async () => {
      const folder = temporaryFolder();
      const run = tutti(folder, 'run', 'phased-delivery', '--inputs', PLAN, '--out', 'delivered');
      const seen = new Set<string>();
      const titles: string[] = [];
      for (let milestone = 0; milestone < 3; milestone++) {
        const { id, title } = await nextApproval(folder, seen);
        seen.add(id);
        titles.push(title);
        expect(await tutti(folder, 'approve', id, '--yes').ended).toMatchObject({ code: 0 });
      }
      const { code, out } = await run.ended;
      expect(titles).toEqual(['Service selection', 'Architecture', 'Opening'].map((name) => `Accept milestone "${name}"?`));
      expect([code, out]).toEqual([0, expect.stringContaining('document delivered/service-selection.md')]);
      expect(readdirSync(join(folder, 'delivered')).sort()).toEqual(['architecture.md', 'opening.md', 'service-selection.md']);
      expect(readFileSync(join(folder, 'delivered', 'architecture.md'), 'utf8')).toContain('Chosen: **one service behind a log-in**');
    },
    LIMIT_MS,
  );
});
