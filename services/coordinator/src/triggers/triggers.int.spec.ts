import { createHmac } from 'node:crypto';
import { afterEach, describe, expect, it } from '@jest/globals';
import { TuttiError, type JsonValue } from '@tutti/kernel';
import type { SignedMessage } from '../inbox/webhook-signature.js';
import { SECRET, startTriggerEngine, type TriggerEngine } from './testing/trigger-engine.js';

const definition = (on: string, name = 'review', inputs = '{ type: object }'): string => `
name: ${name}
inputs: ${inputs}
on:
${on}
steps:
  look: { capability: work, with: { what: "\${{ inputs }}" } }
`;
const ON_APPROVED = `
  event:
    - type: requirements.approved
      where: "\${{ event.data.size > 1 }}"
      with: { text: "\${{ event.data.text }}", from: "\${{ event.source }}" }`;

let engine: TriggerEngine;
afterEach(() => engine.close());

let nextId = 0;
interface Published {
  readonly source?: string;
  readonly id?: string;
  readonly extensions?: Readonly<Record<string, string>>;
}

async function publish(
  type: string,
  data: JsonValue,
  { source = 'shop', id = `e${nextId++}`, extensions = {} }: Published = {},
): Promise<void> {
  const position = await engine.triggering.inbox.receive(
    { source, id, type, subject: null, time: null, data, extensions },
    { from: 'api', actor: 'user:ann' },
  );
  await (engine.failStarts === null ? engine.checked(position) : engine.settle());
}

function signed(body: string, { id = 'msg_1', key = SECRET, atMs = engine.runtime.clock.now() } = {}): SignedMessage {
  const timestamp = String(Math.floor(atMs / 1_000));
  const secret = Buffer.from(key.slice('whsec_'.length), 'base64');
  const signature = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { id, timestamp, signature: `v1,${signature}`, body };
}

describe('an event’s trigger', () => {
  it('starts a run with inputs of the event, once, however often the event is brought', async () => {
    engine = await startTriggerEngine(definition(ON_APPROVED), () => ({}));
    await publish('requirements.approved', { size: 2, text: 'ok' }, { id: 'a' });
    await publish('requirements.approved', { size: 2, text: 'ok' }, { id: 'a' });
    expect(await engine.startedRuns()).toMatchObject([
      {
        workflow: 'review',
        inputs: { inline: { text: 'ok', from: 'shop' } },
        labels: { 'tutti.trigger': 'review/event.1', 'tutti.event': 'a' },
      },
    ]);
    expect(await engine.received()).toHaveLength(1);
  });

  it('starts none when its filter says no, or the type is another', async () => {
    engine = await startTriggerEngine(definition(ON_APPROVED), () => ({}));
    await publish('requirements.approved', { size: 1 });
    await publish('requirements.rejected', { size: 2 });
    expect([await engine.startedRuns(), await engine.refusals()]).toEqual([[], []]);
  });

  it('takes the event’s data for inputs where it names none, and heeds the source', async () => {
    engine = await startTriggerEngine(definition('  event: [{ type: paid, source: bank }]'), () => ({}));
    await publish('paid', { amount: 7 }, { source: 'shop' });
    await publish('paid', { amount: 8 }, { source: 'bank' });
    await publish('paid', 'no object', { source: 'bank' });
    expect((await engine.startedRuns()).map(({ inputs }) => inputs)).toEqual([{ inline: { amount: 8 } }, { inline: {} }]);
  });

  it('is fired by what Tutti records, too', async () => {
    engine = await startTriggerEngine(
      definition('  event: [{ type: WorkflowVersionRegistered, with: { name: "${{ event.data.name }}" } }]'),
      () => ({}),
    );
    await engine.register(definition('  event: []', 'other'));
    await engine.settle();
    expect((await engine.startedRuns()).map(({ inputs }) => inputs)).toEqual([{ inline: { name: 'other' } }]);
  });

  it('records why no run came of an event, once', async () => {
    const inputs = '{ type: object, properties: { text: { type: string } } }';
    engine = await startTriggerEngine(definition('  event: [{ type: paid }]', 'review', inputs), () => ({}));
    await publish('paid', { text: 7 });
    expect(await engine.refusals()).toMatchObject([{ trigger: 'review/event.1', eventSource: 'shop', error: { code: 'INPUT_INVALID' } }]);
    await engine.crash();
    await engine.restart();
    expect(await engine.refusals()).toHaveLength(1);
  });

  it('records a filter that cannot be evaluated', async () => {
    engine = await startTriggerEngine(definition('  event: [{ type: paid, where: "${{ $number(event.data.x) > 1 }}" }]'), () => ({}));
    await publish('paid', { x: 'seven' });
    expect(await engine.refusals()).toMatchObject([{ error: { code: 'EXPRESSION_FAILED' } }]);
  });

  it('waits out what passes, and keeps the order', async () => {
    engine = await startTriggerEngine(definition('  event: [{ type: paid }]'), () => ({}));
    engine.failStarts = new TuttiError('OVERLOADED', 'full');
    await publish('paid', { n: 1 });
    await publish('paid', { n: 2 });
    expect(await engine.startedRuns()).toEqual([]);
    engine.failStarts = null;
    await engine.pass(1_000);
    expect((await engine.startedRuns()).map(({ inputs }) => inputs)).toEqual([{ inline: { n: 1 } }, { inline: { n: 2 } }]);
  });

  it('counts from its registration on, and no more once a newer version is without it', async () => {
    engine = await startTriggerEngine(definition('  event: []'), () => ({}));
    await publish('paid', { n: 1 });
    await engine.register(definition('  event: [{ type: paid }]'));
    await engine.settle();
    await publish('paid', { n: 2 });
    await engine.register(definition('  event: [{ type: sold }]'));
    await engine.settle();
    await publish('paid', { n: 3 });
    expect((await engine.startedRuns()).map(({ inputs }) => inputs)).toEqual([{ inline: { n: 2 } }]);
  });

  it('misses nothing that was recorded while it was down, and starts nothing twice that was started before a crash', async () => {
    engine = await startTriggerEngine(definition('  event: [{ type: paid }]'), () => ({}));
    await publish('paid', { n: 1 });
    await engine.crash();
    await engine.triggering.inbox.receive(
      { source: 'shop', id: 'late', type: 'paid', subject: null, time: null, data: { n: 2 } },
      { from: 'api', actor: 'user:ann' },
    );
    await engine.restart();
    await engine.settle();
    expect((await engine.startedRuns()).map(({ inputs }) => inputs)).toEqual([{ inline: { n: 1 } }, { inline: { n: 2 } }]);
  });

  it('never starts a workflow because of a run that came of itself', async () => {
    engine = await startTriggerEngine(definition('  event: [{ type: RunSucceeded, with: {} }, { type: go }]', 'first'), () => ({}));
    await engine.register(definition('  event: [{ type: RunSucceeded, with: {} }]', 'second'));
    await engine.settle();
    await publish('go', {});
    for (let turn = 0; turn < 20; turn++) await engine.settle();
    expect((await engine.startedRuns()).map(({ workflow }) => workflow)).toEqual(['first', 'second']);
    expect(await engine.refusals()).toMatchObject([
      { trigger: 'first/event.1', error: { code: 'TRIGGER_LOOP' } },
      { trigger: 'first/event.1', error: { code: 'TRIGGER_LOOP' } },
      { trigger: 'second/event.1', error: { code: 'TRIGGER_LOOP' } },
    ]);
  });

  it('takes a run for the cause that whoever publishes an event names', async () => {
    engine = await startTriggerEngine(definition('  event: [{ type: go }]'), () => ({}));
    await publish('go', {});
    const run = await engine.runIds();
    await publish('go', {}, { extensions: { tuttirun: run[0] ?? '' } });
    expect([(await engine.startedRuns()).length, await engine.refusals()]).toMatchObject([1, [{ error: { code: 'TRIGGER_LOOP' } }]]);
  });
});

describe('a definition’s schedules', () => {
  const schedules = (entries: string): string => definition(`  schedule: [${entries}]`);

  it('are made, changed and taken away with it', async () => {
    engine = await startTriggerEngine(
      schedules('{ every: 10m }, { name: nightly, cron: "0 3 * * *", timezone: Europe/Berlin }'),
      () => ({}),
    );
    expect(await engine.scheduleEvents('review.1')).toMatchObject([
      { type: 'ScheduleCreated', data: { ownedBy: 'review', spec: { everyMs: 600_000 } } },
    ]);
    expect(await engine.scheduleEvents('review.nightly')).toMatchObject([
      { data: { spec: { cron: '0 3 * * *', timezone: 'Europe/Berlin', overlap: 'skip' } } },
    ]);
    await engine.register(schedules('{ every: 20m, overlap: allow }'));
    await engine.settle();
    expect((await engine.scheduleEvents('review.1')).map(({ type }) => type)).toEqual(['ScheduleCreated', 'ScheduleChanged']);
    expect((await engine.scheduleEvents('review.nightly')).map(({ type }) => type)).toEqual(['ScheduleCreated', 'ScheduleDeleted']);
    await engine.pass(40 * 60_000, 5 * 60_000);
    expect(await engine.startedRuns()).toHaveLength(2);
  });

  it('are left alone by versions that a crash brings again', async () => {
    engine = await startTriggerEngine(schedules('{ every: 10m }'), () => ({}));
    engine.failAppends = (stream) => stream.startsWith('trigger-');
    await engine.register(schedules('{ every: 20m }'));
    await engine.register(schedules('{ every: 30m }'));
    await engine.settle();
    await engine.crash();
    engine.failAppends = null;
    await engine.restart();
    const specs = (await engine.scheduleEvents('review.1')).map(({ data }) => ('spec' in data ? data.spec.everyMs : 0));
    expect(specs.at(-1)).toBe(30 * 60_000);
    expect(new Set(specs).size).toBe(specs.length);
  });
});

describe('a webhook', () => {
  const ON_HOOK = '  webhook: [{ name: shop, where: "${{ event.data.kind = \'sale\' }}", with: { sum: "${{ event.data.sum }}" } }]';
  const receive = async (message: SignedMessage, hook = 'shop'): Promise<number> => {
    const position = await engine.triggering.webhooks.receive(hook, message, null);
    await engine.checked(position);
    return position;
  };

  it('starts a run for a signed message, once for each id', async () => {
    engine = await startTriggerEngine(definition(ON_HOOK), () => ({}));
    const first = await receive(signed('{"kind":"sale","sum":3}'));
    await engine.pass(1_000, 1_000);
    expect(await receive(signed('{"kind":"sale","sum":3}'))).toBe(first);
    await receive(signed('{"kind":"return","sum":4}', { id: 'msg_2' }));
    expect((await engine.startedRuns()).map(({ inputs }) => inputs)).toEqual([{ inline: { sum: 3 } }]);
    expect(await engine.received()).toMatchObject([
      { data: { source: '/hooks/shop', eventId: 'msg_1', eventType: 'webhook.received', receivedFrom: 'webhook' } },
      { data: { eventId: 'msg_2' } },
    ]);
  });

  it('takes the message’s own type, unless Tutti calls something of its own so', async () => {
    engine = await startTriggerEngine(definition(ON_HOOK), () => ({}));
    await receive(signed('{"type":"order.paid"}', { id: 'm1' }));
    await receive(signed('{"type":"RunSucceeded"}', { id: 'm2' }));
    expect((await engine.received()).map(({ data }) => data.eventType)).toEqual(['order.paid', 'webhook.received']);
  });

  it('records nothing of a message that is not signed as it must be', async () => {
    engine = await startTriggerEngine(definition(ON_HOOK), () => ({}));
    const good = signed('{}');
    const other = `whsec_${Buffer.from('another secret that is long enough').toString('base64')}`;
    const bad: readonly SignedMessage[] = [
      { ...good, body: '{"kind":"sale"}' },
      { ...good, id: 'msg_9' },
      { ...good, signature: good.signature.replace('v1,', 'v1a,') },
      { ...good, signature: '' },
      { ...good, timestamp: 'soon' },
      signed('{}', { key: other }),
      signed('{}', { atMs: engine.runtime.clock.now() - 301_000 }),
      signed('{}', { atMs: engine.runtime.clock.now() + 302_000 }),
    ];
    for (const message of bad) await expect(receive(message)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(await engine.received()).toEqual([]);
  });

  it('takes a message that one of several signatures is right for, as while a secret is changed', async () => {
    engine = await startTriggerEngine(definition(ON_HOOK), () => ({}));
    const good = signed('{}');
    await receive({ ...good, signature: `v1,AAAA ${good.signature}` });
    expect(await engine.received()).toHaveLength(1);
  });

  it('is not there when no newest version has it, and takes nothing without a configured secret', async () => {
    engine = await startTriggerEngine(definition('  webhook: [{ name: bank }]'), () => ({}));
    await expect(receive(signed('{}'), 'shop')).rejects.toMatchObject({ code: 'HOOK_NOT_FOUND' });
    await expect(receive(signed('{}'), 'bank')).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    await expect(receive(signed('not json'), 'bank')).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it('refuses what is signed and is not JSON, and another message under an id that was used', async () => {
    engine = await startTriggerEngine(definition(ON_HOOK), () => ({}));
    await expect(receive(signed('not json'))).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    await receive(signed('{"n":1}'));
    await expect(receive(signed('{"n":2}'))).rejects.toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' });
  });

  it('keeps apart what is signed with the secrets of different workflows', async () => {
    engine = await startTriggerEngine(definition('  webhook: [{ name: hook, secret: shop, with: {} }]'), () => ({}));
    await engine.register(definition('  webhook: [{ name: hook, secret: bank, with: {} }]', 'other'));
    await engine.settle();
    await receive(signed('{}'), 'hook');
    expect((await engine.startedRuns()).map(({ workflow }) => workflow)).toEqual(['review']);
  });
});

describe('a file’s trigger', () => {
  const ON_FILE = '  file: [{ folder: /drop/in, pattern: "*.csv", with: { name: "${{ event.data.name }}" } }]';

  it('starts a run for each content of each file that matches, those that were there before included', async () => {
    engine = await startTriggerEngine(definition('  event: []'), () => ({}));
    engine.folders.put('/drop/in/old.csv', 'old');
    await engine.register(definition(ON_FILE));
    await engine.settle();
    await engine.pass(2_000, 1_000);
    engine.folders.put('/drop/in/new.csv', 'one');
    engine.folders.put('/drop/in/new.txt', 'one');
    engine.folders.put('/elsewhere/new.csv', 'one');
    await engine.pass(3_000, 1_000);
    engine.folders.put('/drop/in/new.csv', 'two');
    await engine.pass(3_000, 1_000);
    expect((await engine.startedRuns()).map(({ inputs }) => inputs)).toEqual(
      ['old.csv', 'new.csv', 'new.csv'].map((name) => ({ inline: { name } })),
    );
    expect((await engine.received())[0]).toMatchObject({
      data: {
        source: '/files/drop/in',
        eventType: 'file.found',
        receivedFrom: 'file',
        data: { inline: { path: '/drop/in/old.csv', size: 3 } },
      },
    });
  });

  it('takes a file only when it rests', async () => {
    engine = await startTriggerEngine(definition(ON_FILE), () => ({}));
    engine.folders.put('/drop/in/a.csv', 'h');
    await engine.pass(1_000, 1_000);
    engine.folders.put('/drop/in/a.csv', 'half');
    await engine.pass(1_000, 1_000);
    expect(await engine.received()).toEqual([]);
    await engine.pass(2_000, 1_000);
    expect(await engine.received()).toHaveLength(1);
  });

  it('finds what came while it was down, what no notice told of, and nothing twice', async () => {
    engine = await startTriggerEngine(definition(ON_FILE), () => ({}));
    engine.folders.put('/drop/in/a.csv', 'a');
    await engine.pass(3_000, 1_000);
    await engine.crash();
    engine.folders.put('/drop/in/b.csv', 'b');
    await engine.restart();
    await engine.pass(3_000, 1_000);
    engine.folders.put('/drop/in/c.csv', 'c', true);
    await engine.pass(62_000, 1_000);
    expect((await engine.startedRuns()).map(({ inputs }) => inputs)).toEqual(
      ['a.csv', 'b.csv', 'c.csv'].map((name) => ({ inline: { name } })),
    );
  });

  it('notices what comes into a folder that is made later', async () => {
    engine = await startTriggerEngine(definition('  event: []'), () => ({}));
    engine.folders.missing.add('/drop/in');
    await engine.register(definition(ON_FILE));
    await engine.settle();
    engine.folders.missing.clear();
    await engine.pass(61_000, 1_000);
    engine.folders.put('/drop/in/a.csv', 'a');
    await engine.pass(3_000, 1_000);
    expect(await engine.received()).toHaveLength(1);
  });

  it('looks into nothing outside of the configured folders', async () => {
    engine = await startTriggerEngine(definition('  file: [{ folder: /etc }, { folder: /drop/../etc }, { folder: /dropped }]'), () => ({}));
    for (const folder of ['/etc', '/dropped']) engine.folders.put(`${folder}/passwd`, 'x');
    await engine.pass(3_000, 1_000);
    expect(await engine.received()).toEqual([]);
  });
});
