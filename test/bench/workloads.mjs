import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** With the key and the quotes, 200 bytes of JSON. */
const TEXT = 'x'.repeat(189);
const LIST = Array.from({ length: 100 }, (_, index) => index);

/** A step is one task with all that belongs to it: scheduled, assigned, sent to the worker, claimed, worked on, its result durable and projected. */
export const W3 = { name: 'W3', workflow: 'three-steps', steps: 3, inFlight: 500, inputs: { text: TEXT } };
export const F100 = { name: 'F100', workflow: 'hundred-items', steps: 100, inFlight: 8, inputs: { text: TEXT, list: LIST } };
/** Runs that are in flight as runs of agents are: three tasks of a second each. */
export const THINKING = { name: 'thinking', workflow: 'three-thoughts', inputs: { text: TEXT } };
/** Open runs for as long as the benchmark lasts: one waits for a person, one on the timer of its next attempt. */
export const WAITING_FOR_A_PERSON = { name: 'approval', workflow: 'awaits-a-person', inputs: { text: TEXT } };
export const WAITING_ON_A_TIMER = { name: 'timer', workflow: 'awaits-a-timer', inputs: { text: TEXT } };

const echo = (rest) => ({ capability: 'load.echo', ...rest });
const thinking = (rest) => ({ ...echo(rest), capability: 'bench.thinking' });
const WORKFLOWS = {
  'three-thoughts': {
    first: thinking({ with: { text: '${{ inputs.text }}' } }),
    second: thinking({ needs: ['first'], with: { text: '${{ steps.first.output.text }}' } }),
    third: thinking({ needs: ['second'], with: { text: '${{ steps.second.output.text }}' } }),
  },
  'three-steps': {
    first: echo({ with: { text: '${{ inputs.text }}' } }),
    second: echo({ needs: ['first'], with: { text: '${{ steps.first.output.text }}' } }),
    third: echo({ needs: ['second'], with: { text: '${{ steps.second.output.text }}' } }),
  },
  'hundred-items': {
    each: echo({ forEach: { items: '${{ inputs.list }}', concurrency: 100 }, with: { text: '${{ inputs.text }}' } }),
  },
  'awaits-a-person': { ask: echo({ with: { text: '${{ inputs.text }}' }, gates: [{ name: 'person', type: 'approval', title: 'Well?' }] }) },
  'awaits-a-timer': {
    later: {
      capability: 'bench.postponing',
      with: { text: '${{ inputs.text }}' },
      retry: { maxAttempts: 3, initialInterval: '20h', maxInterval: '20h', jitter: 0 },
    },
  },
};

/** A working folder whose configuration has the workflows and the agents; everything else is as it ships. */
export function makePlace(folder) {
  const agentFolders = ['../load/echo-agents', 'fixtures/agents'].map((path) => fileURLToPath(new URL(path, import.meta.url)));
  mkdirSync(join(folder, 'workflows'), { recursive: true });
  for (const [name, steps] of Object.entries(WORKFLOWS))
    writeFileSync(join(folder, 'workflows', `${name}.json`), JSON.stringify({ name, steps }));
  // JSON is YAML.
  writeFileSync(
    join(folder, 'tutti.yaml'),
    JSON.stringify({ workflowFolders: ['workflows'], workers: { agentFolders, agentPackages: [] } }),
  );
  return folder;
}

/** So many runs, always `inFlight` of them at once; milliseconds. */
export async function carry(door, workload, runs) {
  let left = runs;
  const lane = async () => {
    while (left-- > 0) await door.run(workload);
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: Math.min(workload.inFlight, runs) }, lane));
  return performance.now() - start;
}
