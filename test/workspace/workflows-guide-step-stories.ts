import { expect } from '@jest/globals';
import { dataOf, echo, inputsOf, timesOf, type Story } from './workflows-guide-story.js';

const HOUR_MS = 3_600_000;

/** What steps do. */
export const STEP_STORIES: Readonly<Record<string, Story>> = {
  'release-notes': {
    agents: {
      'text.summary': ({ changes }: { changes: string[] }) => changes.map((change) => `It is ${change}.`),
      'text.write': ({ paragraphs }: { paragraphs: string[] }) => ({ title: `${paragraphs.length} changes`, body: paragraphs.join(' ') }),
    },
    inputs: { changes: ['faster', 'smaller'] },
    play: async (run, kit) => {
      await run.until('summarise');
      await kit.crash();
      expect(await run.outputs()).toEqual({ title: '2 changes' });
      await expect(kit.start('release-notes', { changes: 'all' })).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    },
  },

  pipeline: {
    agents: { 'ci.build': () => 'built', 'ci.test': () => ({ passed: true }), 'ci.publish': echo, 'ci.explain': echo, 'ci.clean': echo },
    play: async (run, kit) => {
      await run.outputs();
      expect(inputsOf(run, 'ci.clean')).toEqual([{ published: 'succeeded' }]);
      expect(run.calls('ci.explain')).toHaveLength(0);
      kit.fail('ci.test');
      const broken = await kit.start('pipeline');
      await expect(broken.outputs()).rejects.toMatchObject({ details: { step: 'test' } });
      expect(inputsOf(broken, 'ci.clean')).toEqual([{ published: 'skipped' }]);
      expect(broken.calls('ci.explain')).toHaveLength(1);
    },
  },

  translate: {
    agents: {
      'text.translate': {
        names: ['novice', 'polyglot'],
        agent: ({ text }: { text: string }, { hang, task }) => (task.attempt === 1 ? hang() : `«${text}»`),
      },
    },
    inputs: { text: 'cheese', customer: 'acme', urgent: true },
    play: async (run, kit) => {
      await run.until({ call: 'text.translate' });
      kit.fail('text.translate');
      expect(await run.outputs()).toEqual({ text: '«cheese»' });
      expect(dataOf(run, 'TaskAttemptFailed').map(({ cause }) => cause)).toEqual(['timeout', 'error']);
      const [first = 0, second = 0, third = 0] = timesOf(run, 'text.translate');
      expect([second - first, third - second].map((ms) => Math.round(ms / 1_000))).toEqual([32, 4]);
      expect(new Set(run.calls().map(({ agent }) => agent))).toEqual(new Set(['polyglot']));
      expect(dataOf(run, 'TaskScheduled')).toMatchObject([{ priority: 1 }]);
      await expect((await kit.start('translate', { text: '', customer: 'acme' })).outputs()).rejects.toThrow('INPUT_INVALID');
    },
  },

  'review-all': {
    agents: { 'text.review': ({ number, text }: { number: number; text: string }) => ({ number, score: text.length }) },
    inputs: { texts: ['a', 'bb', 'ccc'] },
    play: async (run) => {
      const reviews = [1, 2, 3].map((n) => ({ number: n, score: n }));
      expect(await run.outputs()).toEqual({ score: 6, reviews });
    },
  },

  refund: {
    agents: { 'payment.refund': ({ amount }: { amount: number }) => ({ paid: amount }) },
    inputs: { kind: 'card', amount: 5 },
    play: async (run, kit) => {
      kit.fail('payment.refund', { times: 3 });
      expect(await run.outputs()).toEqual({ paid: 5 });
      const bank = await kit.start('refund', { kind: 'bank', amount: 7 });
      await kit.advance('1d');
      await bank.signal('transferred', { paid: 7 });
      expect(await bank.outputs()).toEqual({ paid: 7 });
      expect(await (await kit.start('refund', { kind: 'voucher', amount: 7 })).outputs()).toEqual({ paid: 0 });
    },
  },

  'free-trial': {
    agents: { 'mail.send': echo, 'account.close': () => null },
    inputs: { endsAt: '2026-01-31T00:00:00Z' },
    play: async (run, kit) => {
      await kit.advance('7d');
      await kit.crash({ downFor: '2d' });
      await run.outputs();
      expect(run.calls('mail.send').map(({ at }) => at.toISOString().slice(0, 13))).toEqual(['2026-01-15T00']);
      expect(run.calls('account.close').map(({ at }) => at.toISOString().slice(0, 13))).toEqual(['2026-01-31T00']);
    },
  },

  deposit: {
    inputs: { amount: 100 },
    play: async (run, kit) => {
      await expect(run.signal('paid', { sum: 100 })).rejects.toMatchObject({ code: 'INPUT_INVALID' });
      await run.signal('paid', { amount: 20 });
      await kit.crash();
      await run.signal('paid', { amount: 120 });
      expect(await run.outputs()).toEqual({ amount: 120 });
      const unpaid = await kit.start('deposit', { amount: 100 });
      const begunMs = kit.now.getTime();
      expect(await unpaid.outputs()).toEqual({ amount: 0 });
      expect(Math.round((kit.now.getTime() - begunMs) / HOUR_MS)).toBe(72);
    },
  },

  shipping: {
    inputs: { order: 'A-17' },
    play: async (run, kit) => {
      const other = await kit.start('shipping', { order: 'A-17' });
      await Promise.all([run, other].map((each) => each.until({ event: 'EventAwaited' })));
      await kit.publishEvent({ type: 'parcel.delivered', source: '/somebody', data: { order: 'A-17', door: 'none' } });
      await kit.publishEvent({ type: 'parcel.delivered', source: '/carrier', data: { order: 'A-18', door: 'back' } });
      await kit.publishEvent({ type: 'parcel.delivered', source: '/carrier', data: { order: 'A-17', door: 'front' } });
      expect([await run.outputs(), await other.outputs()]).toEqual([{ door: 'front' }, { door: 'front' }]);
      await expect((await kit.start('shipping', { order: 'A-19' })).outputs()).rejects.toThrow('TIMED_OUT');
    },
  },

  campaign: {
    agents: { 'ads.buy': ({ budget }: { budget: number }) => ({ spent: budget }) },
    inputs: { customer: 'acme', budget: 50 },
    play: async (run, kit) => {
      await run.until('prepare');
      expect(await run.query('progress')).toBe('prepared, 50 left');
      await run.setVariables({ budget: 80 }, { by: 'user:ann', reason: 'more is needed' });
      await run.signal('go');
      expect(await run.outputs()).toEqual({ spent: 80 });
      expect(await run.query('state')).toMatchObject({ status: 'succeeded', steps: { buy: { output: { spent: 80 } } } });
      await kit.start('campaign', { customer: 'other', budget: 1 });
      const found = await kit.ask(({ runs }) =>
        runs.listRuns({
          ...{ workflow: '', status: 0, labels: { customer: 'acme' }, children: false, rootRunId: '' },
          ...{ pageSize: 0, pageToken: '', minPosition: kit.events.length - 1 },
        } as never),
      );
      expect(found.runs.map(({ id }) => id)).toEqual([run.id]);
    },
  },

  poll: {
    agents: { 'job.status': ({ time }: { time: number }) => ({ time, state: ['queued', 'running', 'done'][time - 1] }) },
    inputs: { job: 'j1' },
    play: async (run) => {
      expect(await run.outputs()).toEqual({ times: 3 });
      expect(inputsOf(run, 'job.status')).toEqual([
        { job: 'j1', time: 1 },
        { job: 'j1', time: 2, before: 'queued' },
        { job: 'j1', time: 3, before: 'running' },
      ]);
      const [first = 0, , third = 0] = timesOf(run, 'job.status');
      expect(Math.round((third - first) / 1_000)).toBe(60);
    },
  },

  deliver: {
    agents: { 'parcel.pack': ({ item }: { item: string }) => `packed ${item}` },
    inputs: { item: 'lamp' },
    play: async (run) => expect(await run.outputs()).toEqual({ parcel: 'packed lamp' }),
  },

  order: {
    uses: ['deliver'],
    agents: { 'parcel.pack': ({ item }: { item: string }) => `packed ${item}` },
    inputs: { items: ['lamp', 'rug'] },
    play: async (run, kit) => {
      kit.fail('parcel.pack');
      await run.until('each');
      await kit.crash();
      expect(await run.outputs()).toEqual({ parcels: ['packed lamp', 'packed rug'] });
      // One was tried again, and one is on its own.
      await kit.until(() => kit.runs('deliver').length === 4);
      expect(await kit.runs('deliver').at(-1)?.outputs()).toEqual({ parcel: 'packed ribbon' });
    },
  },

  proofread: {
    agents: {
      'text.correct': ({ text }: { text: string }) => text.replace('teh', 'the'),
      'text.check': ({ text }: { text: string }) => `${text}.`,
    },
    inputs: { texts: ['teh cat', 'teh dog'] },
    play: async (run) => expect(await run.outputs()).toEqual({ texts: ['the cat.', 'the dog.'] }),
  },

  research: {
    agents: {
      'research.plan': ({ question }: { question: string }, { task }) => {
        const step = (capability: string) => ({ look: { capability, with: { question } } });
        return { steps: step(task.feedback.length === 0 ? 'shell.run' : 'text.look-up'), outputs: { answer: '${{ steps.look.output }}' } };
      },
      'text.look-up': ({ question }: { question: string }) => `${question} 42`,
      'shell.run': () => 'never',
    },
    inputs: { question: 'how many?' },
    play: async (run) => {
      expect(await run.outputs()).toEqual({ answer: 'how many? 42' });
      const feedback = run.calls('research.plan').map(({ feedback: given }) => JSON.stringify(given));
      expect(feedback[1]).toContain('asks for \\"shell.run\\", which is not allowed here');
      expect(run.calls('shell.run')).toHaveLength(0);
    },
  },
};
