import { describe, expect, it } from '@jest/globals';
import { hashJson } from '@tutti/kernel';
import { createManualRuntime } from '@tutti/kernel/testing';
import { approvalView } from '@tutti/rest-contract';
import { EXIT } from '../failure/exit-codes.js';
import { Failure } from '../failure/failure.js';
import { initialRunView, type RunViewState } from '../run-view/run-view.state.js';
import { createInlineApprovals } from './inline-approvals.js';

const PAYLOAD = { plan: 'build it' };
const settle = () => createManualRuntime().advance(0);

function waitingFor(...ids: readonly string[]): RunViewState {
  const state = initialRunView('run1', []);
  for (const id of ids) state.approvals.set(id, { id, step: 'plan', gate: 'sign-off', title: `Is ${id} right?`, payloadHash: '' });
  return state;
}

function setUp(options: { readonly payloadHash?: string; readonly decide?: () => Promise<never> } = {}) {
  const decided: unknown[] = [];
  let press: ((key: string) => void) | null = null;
  const approvals = createInlineApprovals({
    api: {
      getApproval: (id) => {
        const approval = approvalView.parse({
          id,
          runId: 'run1',
          title: `Is ${id} right?`,
          step: 'plan',
          payload: PAYLOAD,
          payloadHash: options.payloadHash ?? hashJson(PAYLOAD),
        });
        return Promise.resolve({ raw: { approval }, value: { approval } });
      },
      decideApproval: (...args) => {
        decided.push(args);
        return options.decide?.() ?? Promise.resolve({ raw: {}, value: { runId: 'run1', position: 1 } });
      },
    },
    keyboard: {
      isTty: true,
      onKey: (callback) => {
        press = callback;
        return () => (press = null);
      },
      ask: () => Promise.resolve(null),
      askSecret: () => Promise.resolve(null),
      readAll: () => Promise.resolve(''),
    },
    redraw: () => {},
  });
  const text = () =>
    approvals
      .lines(5)
      .map((line) => line.map((part) => part.text).join(''))
      .join('\n');
  return { approvals, decided, text, press: (key: string) => press?.(key), listening: () => press !== null };
}

describe('answering approvals while watching', () => {
  it('shows the question, its hash and the payload before a key counts', async () => {
    const { approvals, decided, text, press } = setUp();
    approvals.update(waitingFor('a1'));
    press('y');
    expect(decided).toEqual([]);
    await settle();
    expect(text()).toContain('Is a1 right?');
    expect(text()).toContain(hashJson(PAYLOAD));
    expect(text()).toContain('│ plan: build it');
    expect(text()).toContain('y yes   n no   s skip');
  });

  it.each([
    ['y', true],
    ['n', false],
  ])('decides with the key %s, bound to the hash of what was shown', async (key, approve) => {
    const { approvals, decided, press, listening } = setUp();
    approvals.update(waitingFor('a1'));
    await settle();
    press(key);
    press(key);
    await settle();
    expect(decided).toEqual([['a1', approve, hashJson(PAYLOAD), undefined]]);
    expect([...approvals.handled()]).toEqual(['a1']);
    expect(listening()).toBe(false);
  });

  it('asks about the next one after one was skipped, and never again about that', async () => {
    const { approvals, decided, text, press } = setUp();
    const state = waitingFor('a1', 'a2');
    approvals.update(state);
    await settle();
    press('s');
    await settle();
    approvals.update(state);
    expect(text()).toContain('Is a2 right?');
    expect([...approvals.handled()]).toEqual(['a2']);
    press('s');
    expect(approvals.handled().size).toBe(0);
    expect(decided).toEqual([]);
  });

  it('refuses to decide about a payload that does not have the hash', async () => {
    const { approvals, decided, text, press } = setUp({ payloadHash: 'b'.repeat(64) });
    approvals.update(waitingFor('a1'));
    await settle();
    press('y');
    expect(decided).toEqual([]);
    expect(text()).toContain('nothing was decided');
  });

  it('says why a decision was not taken', async () => {
    const { approvals, text, press } = setUp({
      decide: () => Promise.reject(new Failure('APPROVAL_DECIDED', 'bob was first', { exitCode: EXIT.conflict })),
    });
    approvals.update(waitingFor('a1'));
    await settle();
    press('y');
    await settle();
    expect(text()).toContain('bob was first');
  });

  it('gives the keyboard back when the approval was decided elsewhere, and when it is closed', async () => {
    const { approvals, listening } = setUp();
    approvals.update(waitingFor('a1'));
    expect(listening()).toBe(true);
    approvals.update(waitingFor());
    expect(listening()).toBe(false);
    approvals.update(waitingFor('a2'));
    await settle();
    approvals.close();
    expect(listening()).toBe(false);
  });
});
