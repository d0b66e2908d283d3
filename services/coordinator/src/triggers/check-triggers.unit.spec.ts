import { describe, expect, it } from '@jest/globals';
import { compileDefinition } from '../definition/compile-definition.js';

function problemsOf(on: string, inputs = '{ type: object }'): readonly string[] {
  const compiled = compileDefinition(`name: w
inputs: ${inputs}
on: ${on}
steps: { a: { capability: work } }
`);
  return 'problems' in compiled ? compiled.problems.map(({ path, message }) => `${path}: ${message}`) : [];
}

describe('the triggers of a definition', () => {
  it('may be of every kind', () => {
    expect(
      problemsOf(`
  schedule:
    - { cron: "0 9 * * 1-5", timezone: Europe/Berlin, overlap: buffer-one, catchUp: 2h, jitter: 30s, with: { at: "\${{ schedule.scheduledTime }}" } }
    - { name: often, every: 15m, offset: 1m }
  webhook: [{ name: shop, secret: shop-key, where: "\${{ event.data.kind = 'x' }}", with: { sum: "\${{ event.data.sum }}" } }]
  event: [{ type: requirements.approved, source: desk }]
  file: [{ folder: /drop, pattern: "**/*.csv" }]`),
    ).toEqual([]);
  });

  it.each([
    ['{ schedule: [{ cron: "0 25 * * *" }] }', '/on/schedule/0/cron: "0 25 * * *" is no cron expression: '],
    ['{ schedule: [{ cron: "0 9 * * *", timezone: Mars }] }', '/on/schedule/0/timezone: there is no time zone "Mars"'],
    ['{ schedule: [{ cron: "0 9 * * *", every: 1h }] }', '/on/schedule/0: expected either cron or every'],
    ['{ schedule: [{}] }', '/on/schedule/0: expected either cron or every'],
    ['{ schedule: [{ every: 500ms }] }', '/on/schedule/0/every: every 500ms; expected at least 1s'],
    ['{ schedule: [{ every: 1m, offset: 1m }] }', '/on/schedule/0/offset: offset 1m is not shorter than every 1m'],
    ['{ schedule: [{ every: 1m, timezone: UTC }] }', '/on/schedule/0/timezone: timezone goes with cron'],
    ['{ schedule: [{ every: 1m, name: a }, { every: 2m, name: a }] }', '/on/schedule/1/name: two schedules are named "a"'],
    [
      '{ schedule: [{ every: 1m, with: { x: "${{ event.id }}" } }] }',
      '/on/schedule/0/with: in "event.id": nothing is called "event" here; expected schedule',
    ],
    ['{ event: [{ type: x, where: "${{ inputs.a }}" }] }', 'nothing is called "inputs" here; expected event'],
    ['{ event: [{ type: x, where: "yes" }] }', '/on/event/0/where: expected one expression'],
    ['{ event: [{ type: x, with: { a: "${{ 1 + }}" } }] }', '/on/event/0/with/a: not a JSONata expression'],
    ['{ event: [{ type: TriggerRefused }] }', '/on/event/0/type: "TriggerRefused" starts nothing'],
    ['{ file: [{ folder: inbox }] }', '/on/file/0/folder: folder "inbox" is not absolute'],
    ['{ webhook: [{ name: Shop }] }', '/on/webhook/0/name: expected lower-case words'],
    ['{ cron: [] }', 'unknown member "cron"'],
  ])('may not be %s', (on, problem) => {
    expect(problemsOf(on)).toEqual([expect.stringContaining(problem)]);
  });

  it('must have inputs that the workflow takes, as far as they stand fast', () => {
    const inputs = '{ type: object, required: [day], properties: { day: { type: string } } }';
    expect(problemsOf('{ schedule: [{ every: 1h }] }', inputs)).toEqual([
      expect.stringContaining('the workflow does not take these inputs'),
    ]);
    expect(problemsOf('{ schedule: [{ every: 1h, with: { day: monday } }] }', inputs)).toEqual([]);
    expect(problemsOf('{ event: [{ type: x }] }', inputs)).toEqual([]);
  });
});
