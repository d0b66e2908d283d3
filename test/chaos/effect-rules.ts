import type { RunEvent } from '@tutti/contracts';
import type { RecordedEvent } from '@tutti/kernel';
import type { Effect } from './witness.js';

/** A result that a gate sent back is open for one more attempt; any other stands for good. */
interface TaskStory {
  readonly successes: { readonly attempt: number; readonly atMs: number; sentBack: boolean }[];
}

/**
 * What the witness saw of one run against what the run recorded. Answers every breach: an effect twice in one attempt, an effect after its task's
 * success was recorded, a second success, a success or a failure of the agent's own without an effect, an effect of an attempt that was never assigned.
 * A sleep has no agent, and no effect.
 */
export function breaches(runId: string, effects: readonly Effect[], recorded: readonly RecordedEvent[]): readonly string[] {
  const found: string[] = [];
  const stories = new Map<string, TaskStory>();
  const assigned = new Set<string>();
  const sleeps = new Set<string>();
  const ended: string[] = [];
  for (const event of recorded) {
    const { type, data } = event as unknown as RunEvent;
    if (type === 'TaskScheduled') stories.set(data.task, { successes: [] });
    if ((type === 'TaskScheduled' && data.assignment !== null) || type === 'TaskAssigned') assigned.add(`${data.task}#${data.attempt}`);
    if (type === 'TimerStarted') sleeps.add(`${data.task}#${data.attempt}`);
    if (type === 'TaskSucceeded') {
      const { successes } = storyOf(stories, data.task);
      if (successes.some(({ sentBack }) => !sentBack))
        found.push(`${runId} ${data.task}#${data.attempt}: a second TaskSucceeded at revision ${event.revision}`);
      successes.push({ attempt: data.attempt, atMs: Date.parse(event.time), sentBack: false });
      ended.push(`${data.task}#${data.attempt}`);
    }
    if (type === 'TaskAttemptFailed' && data.cause === 'error') ended.push(`${data.task}#${data.attempt}`);
    if (type === 'TaskAttemptFailed' && data.cause === 'gate') {
      const sentBack = storyOf(stories, data.task).successes.find(({ attempt }) => attempt === data.attempt);
      if (sentBack !== undefined) sentBack.sentBack = true;
    }
  }
  const counts = new Map<string, number>();
  for (const { task, attempt, atMs } of effects) {
    const key = `${task}#${attempt}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
    if (!assigned.has(key)) found.push(`${runId} ${key}: an effect, but the attempt was never assigned`);
    for (const success of storyOf(stories, task).successes) {
      if (attempt > success.attempt && !success.sentBack)
        found.push(`${runId} ${key}: an effect, but attempt ${success.attempt} had succeeded`);
      if (attempt <= success.attempt && atMs > success.atMs)
        found.push(`${runId} ${key}: an effect ${atMs - success.atMs} ms after attempt ${success.attempt} had succeeded`);
    }
  }
  for (const [key, count] of counts) if (count > 1) found.push(`${runId} ${key}: ${count} effects`);
  for (const key of ended) if (!counts.has(key) && !sleeps.has(key)) found.push(`${runId} ${key}: ended by its agent without an effect`);
  for (const [task, { successes }] of stories) {
    if (successes.filter(({ sentBack }) => !sentBack).length === 0) found.push(`${runId} ${task}: no TaskSucceeded stands`);
  }
  return found;
}

function storyOf(stories: Map<string, TaskStory>, task: string): TaskStory {
  const story = stories.get(task) ?? { successes: [] };
  stories.set(task, story);
  return story;
}
