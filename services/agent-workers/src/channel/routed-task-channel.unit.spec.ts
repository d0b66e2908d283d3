import { beforeEach, describe, expect, it } from '@jest/globals';
import type { AttemptRef, WorkerAnnouncement } from '@tutti/contracts';
import { FakeCoordinator, routedHarness, type RoutedHarness } from './routed-channel-harness.js';

const of = (runId: string, attempt = 1): AttemptRef => ({ runId, task: 't', attempt });
const announcement = (holding: readonly AttemptRef[] = []): WorkerAnnouncement => ({ worker: 'w', pool: 'default', agents: [], holding });
const DONE = { outcome: 'succeeded', output: { inline: 1 }, durationMs: 1 } as const;

let a: FakeCoordinator;
let b: FakeCoordinator;
let harness: RoutedHarness;
beforeEach(() => {
  [a, b] = [new FakeCoordinator('a'), new FakeCoordinator('b')];
  harness = routedHarness([a, b]);
});

const announce = (holding: readonly AttemptRef[] = []) => settled(harness.channel.announce(announcement(holding)));
const beat = (silent: readonly AttemptRef[] = []) => settled(harness.channel.beat('w', { silent }));
const claim = (runId: string) => watched(harness.channel.claim('w', of(runId)));
const report = (runId: string) => watched(harness.channel.report('w', of(runId), DONE));

/** With as much time as it needs, if it needs no more than ten seconds. */
async function settled<Answer>(answer: Promise<Answer>): Promise<Answer> {
  const { state } = watched(answer);
  for (let waited = 0; state().status === 'open' && waited < 10_000; waited += 50) await harness.runtime.advance(50);
  if (state().status === 'open') throw new Error('no answer within ten seconds');
  return answer;
}

interface Watched<Answer> {
  state(): { readonly status: 'open' | 'answered' | 'failed'; readonly answer?: Answer; readonly error?: unknown };
}

function watched<Answer>(promise: Promise<Answer>): Watched<Answer> {
  let state: ReturnType<Watched<Answer>['state']> = { status: 'open' };
  promise.then(
    (answer) => (state = { status: 'answered', answer }),
    (error: unknown) => (state = { status: 'failed', error }),
  );
  return { state: () => state };
}

describe('what a worker says of itself to several coordinators', () => {
  it('goes to all of them, and it beats as often as the least patient wants', async () => {
    harness.own(a, { r2: b });
    b.beatMs = 400;
    expect(await announce([of('r1')])).toEqual({ beatMs: 400, superseded: [] });
    expect([a.announced, b.announced]).toEqual([[announcement([of('r1')])], [announcement([of('r1')])]]);
    expect(await beat()).toEqual({ known: true });
    await settled(harness.channel.drain('w'));
    await settled(harness.channel.depart('w'));
    expect(a.asked).toEqual(['announce', 'beat', 'drain', 'depart']);
    expect(b.asked).toEqual(a.asked);
  });

  it('waits until there is one at all', async () => {
    const answer = watched(harness.channel.announce(announcement()));
    await harness.runtime.advance(60_000);
    expect(answer.state().status).toBe('open');
    harness.own(a);
    await harness.runtime.advance(2_000);
    expect(answer.state().status).toBe('answered');
  });

  it('is heard by those who are there while one is away, and by that one when it is back', async () => {
    harness.own(a, { r2: b });
    b.hung = true;
    expect(await announce()).toMatchObject({ beatMs: 1_000 });
    for (let count = 0; count < 5; count++) expect(await beat()).toEqual({ known: true });
    expect(a.asked.filter((what) => what === 'beat')).toHaveLength(5);
    expect(b.asked).toEqual(['announce', 'beat']);
    b.superseded = [of('r2')];
    b.wake();
    await harness.runtime.advance(10);
    expect(await beat()).toEqual({ known: true, superseded: [of('r2')] });
    expect(b.announced).toHaveLength(1);
  });

  it('is said at once, whole, to one that comes later, and to that one alone', async () => {
    harness.own(a);
    await announce();
    let strangers = 0;
    harness.channel.onStranger?.(() => strangers++);
    harness.own(a, {}, [b]);
    expect(strangers).toBe(1);
    await announce([of('r1'), of('r2')]);
    expect(b.announced).toEqual([announcement([of('r1'), of('r2')])]);
    expect(a.announced).toHaveLength(1);
    expect(await beat()).toEqual({ known: true });
  });

  it('is said anew to one that is given runs, so that nothing which the worker holds of them is taken for lost', async () => {
    harness.own(a, {}, [b]);
    await announce();
    let strangers = 0;
    harness.channel.onStranger?.(() => strangers++);
    harness.own(a, { r2: b });
    expect(strangers).toBe(1);
    await announce([of('r2')]);
    expect(b.announced.at(-1)).toEqual(announcement([of('r2')]));
    expect(a.announced).toHaveLength(1);
  });

  it('is said anew to the one that has forgotten it; nothing is dropped that belongs to runs of another', async () => {
    harness.own(a, { r2: b });
    await announce();
    b.knows = false;
    expect(await beat()).toEqual({ known: false });
    // It takes everything for gone, what it knows nothing of as well.
    b.superseded = [of('r1'), of('r2')];
    expect(await announce([of('r1'), of('r2')])).toEqual({ beatMs: 1_000, superseded: [of('r2')] });
    expect(b.announced.at(-1)).toEqual(announcement([of('r1'), of('r2')]));
    expect(a.announced).toHaveLength(1);
    expect(await beat()).toEqual({ known: true });
  });

  it('names an agent that is silent only to whoever answers for its run', async () => {
    harness.own(a, { r2: b });
    await announce();
    await beat([of('r1'), of('r2')]);
    expect([a.asked.at(-1), b.asked.at(-1)]).toEqual(['beat r1/t#1', 'beat r2/t#1']);
  });
});

describe('what a worker asks about tasks', () => {
  it('goes to whoever answers for the run', async () => {
    harness.own(a, { r2: b });
    const asked = [claim('r1'), claim('r2'), claim('r2~0f'), report('r1')];
    await harness.runtime.advance(1);
    expect(asked.map(({ state }) => state().status)).toEqual(new Array(4).fill('answered'));
    expect(a.asked).toEqual(['claim r1/t#1', 'report r1/t#1']);
    expect(b.asked).toEqual(['claim r2/t#1', 'claim r2~0f/t#1']);
  });

  it('waits while nobody answers for the run, however long, and has the table looked at with growing waits', async () => {
    harness.own(a, { r2: null });
    const kept = report('r2');
    await harness.runtime.advance(600_000);
    expect(kept.state().status).toBe('open');
    expect(harness.refreshed()).toBeGreaterThan(100);
    expect(harness.refreshed()).toBeLessThan(400);
    harness.own(a);
    await harness.runtime.advance(1);
    expect(kept.state().status).toBe('answered');
  });

  it('moves to the new owner when the old one answers no more', async () => {
    harness.own(a);
    a.hung = true;
    const [claimed, kept] = [claim('r1'), report('r1')];
    await harness.runtime.advance(60_000);
    harness.own(b);
    await harness.runtime.advance(1);
    expect([claimed.state().status, kept.state().status]).toEqual(['answered', 'answered']);
    expect(b.asked).toEqual(['claim r1/t#1', 'report r1/t#1']);
  });

  it('is asked again while whoever the table names says that it is not the owner', async () => {
    harness.own(a);
    a.owns = () => false;
    const kept = report('r1');
    await harness.runtime.advance(500);
    expect(kept.state().status).toBe('open');
    expect(harness.refreshed()).toBeGreaterThan(0);
    a.owns = () => true;
    await harness.runtime.advance(2_000);
    expect(kept.state().status).toBe('answered');
  });

  it('is not begun by the leave of one who was the owner: the new one must grant it, or refuses', async () => {
    harness.own(a, {}, [b]);
    a.hung = true;
    b.claimAnswer = { verdict: 'superseded' };
    const claimed = claim('r1');
    await harness.runtime.advance(1);
    b.hung = true;
    harness.own(b, {}, [a]);
    a.wake();
    await harness.runtime.advance(1_000);
    expect(claimed.state().status).toBe('open');
    b.wake();
    await harness.runtime.advance(1);
    expect(claimed.state()).toMatchObject({ status: 'answered', answer: { verdict: 'superseded' } });
  });

  it('is done when one who was the owner says that the result is durable', async () => {
    harness.own(a, {}, [b]);
    a.hung = true;
    b.hung = true;
    const kept = report('r1');
    await harness.runtime.advance(1);
    harness.own(b, {}, [a]);
    a.wake();
    await harness.runtime.advance(1);
    expect(kept.state().status).toBe('answered');
  });

  it('fails by what the owner says of it', async () => {
    harness.own(a);
    a.owns = () => {
      throw new Error('broken');
    };
    const kept = report('r1');
    await harness.runtime.advance(1);
    expect(kept.state()).toMatchObject({ status: 'failed', error: { code: 'INTERNAL', message: 'broken' } });
  });

  it('is taken in so great a number and no greater', async () => {
    harness = routedHarness([a, b], { maxPending: 2 });
    const asked = [report('r1'), report('r2'), report('r3')];
    await harness.runtime.advance(1);
    expect(asked[2]?.state()).toMatchObject({ status: 'failed', error: { code: 'OVERLOADED' } });
    harness.own(a);
    await harness.runtime.advance(1);
    expect(asked.slice(0, 2).map(({ state }) => state().status)).toEqual(['answered', 'answered']);
  });

  it('ends with SHUTTING_DOWN when this end is closed', async () => {
    harness.own(a, { r2: null });
    a.hung = true;
    const asked = [claim('r1'), report('r2'), watched(harness.channel.announce(announcement()))];
    await harness.runtime.advance(1);
    harness.channel.close();
    await harness.runtime.advance(3_000);
    for (const each of [...asked, claim('r1'), watched(harness.channel.announce(announcement()))]) {
      await harness.runtime.advance(1);
      expect(each.state()).toMatchObject({ status: 'failed', error: { code: 'SHUTTING_DOWN' } });
    }
  });
});
