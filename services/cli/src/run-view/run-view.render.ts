import { segment, type Line, type Segment } from '../terminal/line.js';
import type { StyleName } from '../terminal/style.js';
import { padText, sanitizeText, textWidth, truncateText } from '../terminal/text-width.js';
import { durationText } from '../terminal/time-text.js';
import { stepDepths } from './step-depth.js';
import type { Awaited, RunStatus, RunViewState, StepState, StepStatus } from './run-view.state.js';

interface RenderOptions {
  /** Cells of a row. */
  readonly width: number;
  /** Most lines to use; 0 for as many as it takes. */
  readonly height: number;
  readonly nowMs: number;
  /** Said in the first line, like a lost connection. */
  readonly notice?: string;
  /** Approvals that need no line here. */
  readonly handledApprovals?: ReadonlySet<string>;
}

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const SPINNER_MS = 100;
const NAME_SHARE = 0.4;
const AGENT_SHARE = 0.25;

const STEP_MARK: Readonly<Record<Exclude<StepStatus, 'running'>, Segment>> = {
  pending: segment('○', 'dim'),
  waiting: segment('◌', 'yellow'),
  retrying: segment('↻', 'yellow'),
  'awaiting-approval': segment('?', 'yellow'),
  succeeded: segment('✓', 'green'),
  failed: segment('✗', 'red'),
  skipped: segment('–', 'dim'),
  cancelled: segment('■', 'dim'),
};

const RUN_PAINT: Readonly<Record<RunStatus, StyleName>> = {
  starting: 'dim',
  running: 'cyan',
  paused: 'yellow',
  succeeded: 'green',
  failed: 'red',
  cancelled: 'yellow',
};

/** The run as it stands at `nowMs`: a heading, a line for each step in the order of the definition, and what waits for a person. Pure. */
export function renderRunView(state: RunViewState, options: RenderOptions): readonly Line[] {
  const heading = headingLine(state, options);
  const steps = [...state.steps.values()];
  const depths = stepDepths(steps);
  const names = new Map(steps.map((step) => [step.id, `${'  '.repeat(depths.get(step.id) ?? 0)}${sanitizeText(step.name)}`]));
  const columns: Columns = {
    name: columnWidth([...names.values()], options.width * NAME_SHARE),
    agent: columnWidth(
      steps.map((step) => step.agent ?? ''),
      options.width * AGENT_SHARE,
    ),
  };
  const approvals = approvalLines(state, options.handledApprovals);
  const room = options.height === 0 ? Number.POSITIVE_INFINITY : Math.max(1, options.height - 1 - approvals.length);
  const shown = steps.map((step) => ({ step, line: stepLine(step, names.get(step.id) ?? step.id, columns, options.nowMs) }));
  return [heading, ...fitSteps(shown, room), ...approvals];
}

interface Columns {
  readonly name: number;
  readonly agent: number;
}

function headingLine(state: RunViewState, { nowMs, notice }: RenderOptions): Line {
  const version = state.workflowVersion > 0 ? ` v${state.workflowVersion}` : '';
  const elapsed = state.startedAtMs === null ? '' : durationText((state.endedAtMs ?? nowMs) - state.startedAtMs);
  return [
    segment(`${sanitizeText(state.workflow || 'run')}${version}`, 'bold'),
    segment(`  ${state.runId}  `, 'dim'),
    segment(state.status, RUN_PAINT[state.status]),
    segment(elapsed === '' ? '' : `  ${elapsed}`, 'dim'),
    segment(state.pause === null ? '' : `  ${sanitizeText(state.pause)}`, 'yellow'),
    segment(state.error === null ? '' : `  ${sanitizeText(state.error)}`, 'red'),
    segment(notice === undefined ? '' : `  ${notice}`, 'yellow'),
  ];
}

function stepLine(step: StepState, name: string, columns: Columns, nowMs: number): Line {
  const active = step.startedAtMs !== null;
  const mark =
    step.status === 'running' ? segment(SPINNER[Math.floor(nowMs / SPINNER_MS) % SPINNER.length] ?? '', 'cyan') : STEP_MARK[step.status];
  const elapsed = step.startedAtMs === null ? '' : durationText((step.endedAtMs ?? nowMs) - step.startedAtMs);
  return [
    segment('  '),
    mark,
    segment(' '),
    segment(padText(truncateText(name, columns.name), columns.name), active ? undefined : 'dim'),
    segment(columns.agent === 0 ? '' : `  ${padText(truncateText(sanitizeText(step.agent ?? ''), columns.agent), columns.agent)}`, 'cyan'),
    segment(`  ${padText(elapsed, 7, 'right')}`, 'dim'),
    ...detailSegments(step, nowMs),
  ];
}

function detailSegments(step: StepState, nowMs: number): readonly Segment[] {
  const parts: Segment[] = [];
  if (step.fanOut !== null) {
    const { succeeded, failed } = step.counts;
    parts.push(segment(`${succeeded + failed}/${step.fanOut}`, 'bold'));
    if (failed > 0) parts.push(segment(`${failed} failed`, 'red'));
  }
  if (step.attempt > 1) parts.push(segment(`attempt ${step.attempt}`, 'yellow'));
  if (step.resets > 0) parts.push(segment(`round ${step.resets + 1}`, 'yellow'));
  if (step.repeats > 0) parts.push(segment(`time ${step.repeats + 1}`, 'yellow'));
  if (step.awaited !== null) parts.push(segment(awaitedText(step.awaited, nowMs), 'dim'));
  for (const { gate, passed } of step.gates) parts.push(segment(`${passed ? '✓' : '✗'} ${sanitizeText(gate)}`, passed ? 'green' : 'red'));
  if (step.retryAtMs !== null && step.retryAtMs > nowMs) parts.push(segment(`again in ${durationText(step.retryAtMs - nowMs)}`, 'yellow'));
  const [note] = notes(step);
  if (note !== undefined) parts.push(note);
  return parts.flatMap((part) => [segment('  '), part]);
}

function awaitedText({ kind, what, untilMs }: Awaited, nowMs: number): string {
  const left = untilMs === null ? '' : durationText(Math.max(0, untilMs - nowMs));
  if (kind === 'timer') return `sleeps${left === '' ? '' : `, ${left} left`}`;
  return `waits for ${kind} ${sanitizeText(what)}${left === '' ? '' : `, at most ${left}`}`;
}

function notes(step: StepState): readonly Segment[] {
  if (step.status === 'awaiting-approval') return [segment('waits for approval', 'yellow')];
  if (step.note !== null && step.note !== '')
    return [segment(sanitizeText(step.note), step.status === 'failed' || step.status === 'retrying' ? 'red' : 'dim')];
  const failed = step.gates.find((verdict) => !verdict.passed && verdict.message !== '');
  return failed === undefined ? [] : [segment(sanitizeText(failed.message), 'red')];
}

function approvalLines(state: RunViewState, handled: ReadonlySet<string> = new Set()): readonly Line[] {
  const own = [...state.approvals.values()].map(({ id, title }) => ({ id, title, place: '' }));
  const waiting = [...own, ...state.approvalsBelow].filter(({ id }) => !handled.has(id));
  return waiting.flatMap(({ id, title, place }) => [
    [segment('  ? ', 'yellow'), segment(sanitizeText(title), 'bold'), segment(place === '' ? '' : `  ${place}`, 'dim')],
    // The command first: it must be there whole to be copied.
    [segment(`    tutti approve ${id}`), segment('   (or: tutti reject)', 'dim')],
  ]);
}

interface ShownStep {
  readonly step: StepState;
  readonly line: Line;
}

/** Leaves out ended steps from the top, then pending ones from the bottom, until the rest fits. */
function fitSteps(steps: readonly ShownStep[], room: number): readonly Line[] {
  if (steps.length <= room) return steps.map(({ line }) => line);
  const rest = [...steps];
  let ended = 0;
  let later = 0;
  const used = (): number => rest.length + (ended > 0 ? 1 : 0) + (later > 0 ? 1 : 0);
  while (used() > room && rest[0] !== undefined && rest[0].step.endedAtMs !== null) {
    rest.shift();
    ended += 1;
  }
  while (used() > room && rest.length > 1) {
    rest.pop();
    later += 1;
  }
  return [
    ...(ended > 0 ? [[segment(`  … ${ended} done`, 'dim')]] : []),
    ...rest.map(({ line }) => line),
    ...(later > 0 ? [[segment(`  … ${later} more`, 'dim')]] : []),
  ];
}

function columnWidth(texts: readonly string[], most: number): number {
  return Math.min(Math.floor(most), Math.max(0, ...texts.map(textWidth)));
}
