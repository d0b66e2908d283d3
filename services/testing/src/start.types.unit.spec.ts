import { expect, it } from '@jest/globals';
import { workflow, type TypedWorkflow } from '@tutti/workflow-sdk';
import { z } from 'zod';
import type { TestKit } from './index.js';

it('takes the inputs that a workflow wants, and no others', () => {
  const typed = workflow('typed', { inputs: z.object({ n: z.number() }) });
  const lenient = workflow('lenient', { inputs: z.object({ n: z.number().optional() }) });
  const cases = [
    (kit: TestKit) => kit.start(typed, { n: 1 }, { labels: { a: 'b' } }),
    (kit: TestKit) => kit.start(lenient),
    (kit: TestKit) => kit.start('by-name', { anything: true }),
    (kit: TestKit) => kit.start('by-name'),
    // @ts-expect-error an input is missing
    (kit: TestKit) => kit.start(typed, {}),
    // @ts-expect-error there are no inputs
    (kit: TestKit) => kit.start(typed),
    // @ts-expect-error an input has another type
    (kit: TestKit) => kit.start(typed, { n: 'one' }),
    // @ts-expect-error there is no such input
    (kit: TestKit) => kit.start(typed, { n: 1, m: 2 }),
    (kit: TestKit, any: TypedWorkflow<{ readonly n: number }, { readonly m: string }>) =>
      kit.start(any, { n: 1 }).then(async (run): Promise<string> => (await run.outputs()).m),
  ];
  expect(cases).toHaveLength(9);
});
