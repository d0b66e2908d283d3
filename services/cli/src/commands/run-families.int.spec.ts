import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RUNNING, SUCCEEDED, startProgramHarness, type ProgramHarness } from '../testing/program-harness.js';
import { runStory } from '../testing/run-story.js';

const CHILD = 'run1~0123456789abcdef';
const HASH = 'a'.repeat(64);
const STEP = { id: 'each', name: 'Each', status: 'running', needs: [] };
const BELOW = {
  ...{ runId: CHILD, rootRunId: 'run1', workflow: 'part', step: 'sign', gate: 'ok', title: 'Sign the part', payload: { part: 7 } },
  path: [
    { runId: 'run1', workflow: 'demo', task: 'each[7]' },
    { runId: CHILD, workflow: 'part', task: 'sign' },
  ],
};

let harness: ProgramHarness;
beforeEach(async () => {
  harness = await startProgramHarness();
});
afterEach(() => harness.close());

/** A run whose child run asks for approval, and that ends once it has it. */
function familyWithAnApproval(): { readonly events: ReturnType<typeof runStory>['events']; readonly begun: number } {
  const story = runStory().started();
  story.add('ChildRunStarted', {
    ...{ task: 'each[7]', step: 'each', index: 7, attempt: 1, begunAt: '2026-01-01T12:00:00.000Z', runId: CHILD, workflow: 'part' },
    ...{ workflowVersion: 1, definitionHash: HASH, inputs: { inline: {} }, detached: false, deadlineAt: null },
  });
  const begun = story.events.length;
  story.taskDone('each[7]').stepDone('each').runDone();
  return { events: story.events, begun };
}

describe('tutti watch, of a run with child runs', () => {
  const setUp = (): void => {
    const { events, begun } = familyWithAnApproval();
    harness.server.addRun('run1', { ...SUCCEEDED, steps: [STEP] }, events.slice(0, begun));
    harness.server.addRun(CHILD, { ...RUNNING, workflow: 'part' }, []);
    harness.server.addApproval('ap1', BELOW);
    // The server lists those below a run with it.
    harness.server.on('GET', '/v1/approvals', () => ({ json: { approvals: [{ id: 'ap1', status: 'pending', ...BELOW }] } }));
    harness.server.on('POST', '/v1/approvals/ap1/approve', () => {
      harness.server.append('run1', ...events.slice(begun));
      return { json: { runId: CHILD, position: 40 } };
    });
  };

  it('asks on a terminal about what a child run waits for, and takes the answer', async () => {
    setUp();
    const { exitCode, out } = await harness.tutti(
      ['watch', 'run1', '--color', 'never'],
      { terminal: { columns: 100, rows: 30 } },
      (fake) => {
        const pressWhenAsked = (): void =>
          fake.stdout.text().includes('skip, decide later') ? fake.press('y') : void fake.runtime.timers.after(10, pressWhenAsked);
        pressWhenAsked();
      },
    );
    expect(exitCode).toBe(0);
    expect(out).toContain(`part  step each[7] › sign  run ${CHILD}`);
    expect(out).toContain('│ part: 7');
    const decision = harness.server.requests.find(({ path }) => path.endsWith('/approve'));
    expect(JSON.parse(decision?.body ?? '')).toEqual({ payloadHash: expect.stringMatching(/^[0-9a-f]{64}$/) });
  });

  it('says in a line, when piped, how to answer', async () => {
    setUp();
    const line = 'step each[7] › sign waits for approval: Sign the part; answer with: tutti approve ap1\n';
    const { events, begun } = familyWithAnApproval();
    const { out } = await harness.tutti(['watch', 'run1'], {}, (fake) => {
      const endWhenSaid = (): void =>
        fake.stdout.text().includes(line)
          ? harness.server.append('run1', ...events.slice(begun))
          : void fake.runtime.timers.after(10, endWhenSaid);
      endWhenSaid();
    });
    expect(out).toContain(line);
    expect(harness.server.subscriptions).toEqual([-1, 'head']);
  });
});

describe('families of runs in lists', () => {
  it('show a step’s child runs, what they wait for, and of a child whose work it does', async () => {
    const children = [
      { runId: CHILD, task: 'each[7]', workflow: 'part', block: '', status: 'running', startedAt: '2026-01-01T12:00:00.000Z' },
    ];
    harness.server.addRun('run1', { ...RUNNING, steps: [{ ...STEP, children }] });
    harness.server.addRun(CHILD, { ...RUNNING, workflow: 'part', parent: { runId: 'run1', task: 'each[7]' } });
    harness.server.on('GET', '/v1/approvals', () => ({ json: { approvals: [{ id: 'ap1', status: 'pending', ...BELOW }] } }));
    const { out } = await harness.tutti(['show', 'run1']);
    expect(out).toMatch(new RegExp(`${CHILD}\\s+each\\[7\\]\\s+part\\s+running`));
    expect(out).toContain('? Sign the part: tutti approve ap1  each[7] › sign');
    expect((await harness.tutti(['show', CHILD])).out).toContain('does each[7] of run run1');
  });

  it('say where an approval is asked for, from the root down', async () => {
    harness.server.on('GET', '/v1/approvals', () => ({ json: { approvals: [{ id: 'ap1', status: 'pending', ...BELOW }] } }));
    const { out } = await harness.tutti(['approvals', '--wide']);
    expect(out).toMatch(/ap1\s+pending\s+Sign the part\s+each\[7\] › sign.*run1\n/);
  });

  it('ask for child runs only when told to', async () => {
    await harness.tutti(['runs']);
    expect(harness.lastRequest('/v1/runs')?.path).not.toContain('children');
    await harness.tutti(['runs', '--all']);
    expect(harness.lastRequest('/v1/runs')?.path).toContain('children=true');
    await harness.tutti(['runs', '--below', 'run1']);
    expect(harness.lastRequest('/v1/runs')?.path).toContain('root=run1');
  });
});
