import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { FeedEvent } from '@tutti/rest-contract';
import { RUNNING, startProgramHarness, type ProgramHarness } from '../testing/program-harness.js';
import { runStory } from '../testing/run-story.js';

let harness: ProgramHarness;
beforeEach(async () => {
  harness = await startProgramHarness();
});
afterEach(() => harness.close());

const story = (): readonly FeedEvent[] =>
  runStory()
    .started()
    .scheduled('plan')
    .taskDone('plan')
    .asks('plan', 'ap1')
    .decided('ap1', true)
    .stepDone('plan')
    .scheduled('write', { index: 3 })
    .taskDone('write[3]')
    .stepDone('write')
    .runDone().events;

describe('tutti run logs', () => {
  it('tells what happened, a line for each event', async () => {
    harness.server.addRun('run1', RUNNING, story());
    const { exitCode, out } = await harness.tutti(['run', 'logs', 'run1']);
    expect(exitCode).toBe(0);
    expect(out.split('\n').slice(0, 3)).toEqual([
      '12:00:00.000 run run1 of demo v1 started by user:ann',
      '12:00:01.000 step plan started (worker-bee)',
      '12:00:02.000 task plan done in 1.0s',
    ]);
    expect(out).toMatch(/run succeeded\n$/);
  });

  it('goes on until the run ends with -f, over a connection that breaks, each event once', async () => {
    const events = story();
    harness.server.addRun('run1', RUNNING, events.slice(0, 3));
    const { exitCode, out, err } = await harness.tutti(['logs', 'run1', '-f', '-o', 'name'], {}, (fake) => {
      const after = (seen: number, then: () => void): void => {
        const look = (): void => (fake.stdout.text().split('\n').length > seen ? then() : void fake.runtime.timers.after(5, look));
        look();
      };
      after(3, () => {
        harness.server.append('run1', ...events.slice(3, 5));
        after(5, () => {
          harness.server.dropFeeds();
          harness.server.append('run1', ...events.slice(5));
        });
      });
    });
    expect(exitCode).toBe(0);
    expect(out).toBe(events.map(({ id }) => `${id}\n`).join(''));
    expect(err).toContain('connection lost');
  });

  it('tells of a step alone with --step: its tasks, its fan-out, its approvals and their decisions', async () => {
    harness.server.addRun('run1', RUNNING, story());
    const typesOf = async (...flags: readonly string[]): Promise<readonly string[]> =>
      (await harness.tutti(['run', 'logs', 'run1', ...flags, '-o', 'jsonl'])).out
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as FeedEvent).type);
    expect(await typesOf('--step', 'plan')).toEqual([
      ...['TaskScheduled', 'TaskSucceeded', 'ApprovalRequested', 'ApprovalDecided', 'StepSucceeded'],
    ]);
    expect(await typesOf('--step', 'write')).toEqual(['TaskScheduled', 'TaskSucceeded', 'StepSucceeded']);
    expect(await typesOf('--since', '2026-01-01T12:00:08Z')).toEqual(['StepSucceeded', 'RunSucceeded']);
    expect((await harness.tutti(['run', 'logs', 'run1', '--since', '10m'])).out).toBe('');
    expect(await harness.tutti(['run', 'logs', 'run1', '--since', 'yesterday'])).toMatchObject({ exitCode: 2 });
    expect(await harness.tutti(['run', 'logs', 'ghost'])).toMatchObject({ exitCode: 4 });
  });
});

describe('tutti event tail', () => {
  const until = (
    fake: { readonly stdout: { text(): string }; readonly runtime: { readonly timers: { after(ms: number, then: () => void): unknown } } },
    text: string,
    then: () => void,
  ): void => {
    const look = (): void => (fake.stdout.text().includes(text) ? then() : void fake.runtime.timers.after(5, look));
    look();
  };

  it('prints what is recorded from now on, goes on where it was when the connection breaks, and ends with Ctrl-C', async () => {
    const events = story();
    harness.server.addRun('run1', RUNNING, []);
    const { exitCode, out } = await harness.tutti(['event', 'tail', '-o', 'jsonl'], {}, (fake) => {
      const begin = (): void =>
        harness.server.subscriptions.length === 0
          ? void fake.runtime.timers.after(5, begin)
          : harness.server.append('run1', ...events.slice(0, 4));
      begin();
      until(fake, 'ApprovalRequested', () => {
        harness.server.dropFeeds();
        harness.server.append('run1', ...events.slice(4));
        until(fake, 'RunSucceeded', () => fake.interrupt());
      });
    });
    expect(exitCode).toBe(130);
    const lines = out.trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as FeedEvent).id)).toEqual(events.map(({ id }) => id));
    expect(harness.server.subscriptions).toEqual(['head', events[3]?.position]);
  });

  it('takes filters, and a position to begin behind', async () => {
    const events = story();
    harness.server.addRun('run1', RUNNING, events);
    const line = ['event', 'tail', '--after', '10', '--type', 'RunSucceeded', '--type', 'TaskSucceeded', '--category', 'run', '-o', 'name'];
    const { out } = await harness.tutti(line, {}, (fake) => until(fake, events.at(-1)!.id, () => fake.interrupt()));
    expect(out).toBe(
      events
        .filter(({ type }) => ['RunSucceeded', 'TaskSucceeded'].includes(type))
        .map(({ id }) => `${id}\n`)
        .join(''),
    );
    expect((await harness.tutti([...line, '--limit', '1'])).exitCode).toBe(0);
  });
});

describe('tutti event publish', () => {
  it('brings in a CloudEvent with an id of its own, or the one that is given', async () => {
    harness.server.on('POST', '/v1/events', () => ({ status: 202, json: { position: 17 } }));
    const { out } = await harness.tutti(['event', 'publish', 'order.placed', ':{"order":17}']);
    expect(out).toBe('recorded order.placed at 17\n');
    const request = harness.lastRequest('/v1/events');
    expect(request?.headers['content-type']).toBe('application/cloudevents+json');
    expect(JSON.parse(request?.body ?? '')).toEqual({
      ...{ specversion: '1.0', id: expect.any(String), source: '/cli/ann', type: 'order.placed', data: { order: 17 } },
    });
    const line = ['event', 'publish', 'x', '--id', 'one', '--source', '/shop', '--subject', 's', '-o', 'name'];
    expect((await harness.tutti(line)).out).toBe('one\n');
    expect(JSON.parse(harness.lastRequest('/v1/events')?.body ?? '')).toMatchObject({
      id: 'one',
      source: '/shop',
      subject: 's',
      data: null,
    });
  });
});
