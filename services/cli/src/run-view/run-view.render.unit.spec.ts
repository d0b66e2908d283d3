import { describe, expect, it } from '@jest/globals';
import type { RunEvent } from '@tutti/contracts';
import { lineWidth, paintLine } from '../terminal/line.js';
import { createStyle } from '../terminal/style.js';
import { runStory } from '../testing/run-story.js';
import { foldRunView } from './run-view.fold.js';
import { renderRunView } from './run-view.render.js';
import { initialRunView, type RunViewState, type StepPlan } from './run-view.state.js';

const NOON = Date.UTC(2026, 0, 1, 12);
const PLAN: readonly StepPlan[] = [
  { id: 'context', name: '', needs: [] },
  { id: 'data', name: '', needs: ['context'] },
  { id: 'security', name: '', needs: ['context'] },
  { id: 'document', name: '', needs: ['data', 'security'] },
];

function fold(story: ReturnType<typeof runStory>, plan = PLAN): RunViewState {
  return foldRunView(
    initialRunView('run1', plan),
    story.events.map((event) => ({ event: event as unknown as RunEvent, atMs: Date.parse(event.time) })),
  );
}

function lines(
  state: RunViewState,
  options: {
    readonly width?: number;
    readonly height?: number;
    readonly nowMs?: number;
    readonly handledApprovals?: ReadonlySet<string>;
  } = {},
): readonly string[] {
  const { width = 100 } = options;
  return renderRunView(state, { height: 0, nowMs: NOON + 5_000, ...options, width }).map((line) =>
    paintLine(line, width, createStyle(false)),
  );
}

describe('the picture of a run', () => {
  it('has a heading and one line for each step in the order of the definition, with branches indented', () => {
    const story = runStory()
      .started('design')
      .scheduled('context', { agent: 'architect' })
      .taskDone('context')
      .gate('context', 'drivers-found', true)
      .stepDone('context')
      .scheduled('data', { agent: 'modeller' });
    expect(lines(fold(story))).toEqual([
      'design v1  run1  running  5.0s',
      '  ✓ context     architect     3.0s  ✓ drivers-found',
      '  ⠋   data      modeller      0.0s',
      '  ○   security',
      '  ○ document',
    ]);
  });

  it('turns its spinner and its clock with time alone', () => {
    const state = fold(runStory().started().scheduled('context'));
    const [first, second] = [lines(state, { nowMs: NOON + 5_000 })[1], lines(state, { nowMs: NOON + 5_100 })[1]];
    expect(first).toContain('⠋ context');
    expect(first).toContain('4.0s');
    expect(second).toContain('⠙ context');
    expect(second).toContain('4.1s');
  });

  it('shows the progress of a fan-out and how many failed', () => {
    const story = runStory()
      .started()
      .add('FanOutStarted', { step: 'context', items: { inline: [] }, count: 40, concurrency: 2 });
    story.scheduled('context', { index: 0 }).taskDone('context[0]').scheduled('context', { index: 1 }).attemptFailed('context[1]', null);
    expect(lines(fold(story))[1]).toMatch(/2\/40 {2}1 failed/);
  });

  it('shows attempts, the wait for the next one and why', () => {
    const story = runStory()
      .started()
      .scheduled('context')
      .attemptFailed('context', '2026-01-01T12:00:09.000Z')
      .assigned('context', 'worker-bee', 2)
      .attemptFailed('context', '2026-01-01T12:00:20.000Z', 2);
    expect(lines(fold(story))[1]).toMatch(/↻ context .* attempt 2 {2}again in 15\.0s {2}no luck/);
  });

  it('shows a failed gate with its message', () => {
    expect(
      lines(
        fold(runStory().started().scheduled('context').taskDone('context').gate('context', 'complete', false, 'two parts are missing')),
      )[1],
    ).toMatch(/✗ complete {2}two parts are missing$/);
  });

  it('names the exact command that answers an approval, except for one that is handled already', () => {
    const state = fold(runStory().started().scheduled('context').taskDone('context').asks('context', 'run1.context.sign-off.1'));
    expect(lines(state).slice(-2)).toEqual(['  ? Is the plan right?', '    tutti approve run1.context.sign-off.1   (or: tutti reject)']);
    expect(lines(state, { handledApprovals: new Set(['run1.context.sign-off.1']) }).join('\n')).not.toContain('tutti approve');
  });

  it('never draws a line wider than the terminal, whatever the names and messages are', () => {
    const plan = [{ id: 'a', name: '設計レビュー👩‍👩‍👧‍👦 for every one of the many stores', needs: [] }];
    const state = fold(
      runStory().started('überlange-Bezeichnung').scheduled('a', { agent: 'エージェント' }).gate('a', 'größe', false, '長い'.repeat(60)),
      plan,
    );
    for (const width of [20, 37, 60, 80]) {
      for (const line of lines(state, { width })) expect(lineWidth([{ text: line }])).toBeLessThanOrEqual(width);
    }
  });

  it('lets no title steer the terminal', () => {
    const story = runStory()
      .started()
      .scheduled('context')
      .taskDone('context')
      .asks('context', 'a1', {}, 'harmless\u001b[2J\u202egnp.exe\r\nsecond line');
    const text = lines(fold(story)).join('\n');
    expect(text).not.toContain('\u001b');
    expect(text).not.toContain('\u202e');
    expect(text).toContain('harmless�[2Jgnp.exe second line');
  });

  it('leaves out ended steps first and pending ones next when the terminal is too low', () => {
    const plan = Array.from({ length: 12 }, (_, index) => ({ id: `s${index}`, name: '', needs: [] }));
    const story = runStory().started();
    for (const id of ['s0', 's1', 's2', 's3']) story.scheduled(id).taskDone(id).stepDone(id);
    story.scheduled('s4');
    const shown = lines(fold(story, plan), { height: 6 });
    expect(shown).toHaveLength(6);
    expect(shown[1]).toBe('  … 4 done');
    expect(shown[2]).toContain('s4');
    expect(shown.at(-1)).toBe('  … 5 more');
  });

  it('says how the run ended', () => {
    expect(lines(fold(runStory().started().scheduled('context').runFailed('out of luck')))[0]).toBe(
      'demo v1  run1  failed  2.0s  out of luck',
    );
  });
});
