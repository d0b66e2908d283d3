import { describe, expect, it } from '@jest/globals';
import { preparedTask, reviews } from '../plan/plan.schema.js';
import { doTask } from './do-task.js';

const task = preparedTask.parse({
  title: 'Choose',
  name: 'choice',
  options: [
    { name: 'dear and open', monthlyCost: 90, threats: [{ threat: 'theft' }], measures: [{ name: 'time', value: 1 }] },
    { name: 'slow', monthlyCost: 20, measures: [{ name: 'time', value: 9 }] },
    { name: 'cheap', monthlyCost: 10, measures: [{ name: 'time', value: 2 }] },
    { name: 'cheap as well', monthlyCost: 10, measures: [{ name: 'time', value: 2 }] },
  ],
});
const rules = reviews.parse({ performance: { limits: [{ measure: 'time', atMost: 5 }] } });
const chosenAfter = (...from: readonly string[]): string =>
  doTask(
    task,
    rules,
    from.map((one) => ({ from: one, message: 'no' })),
  ).choice;

describe('doing a task', () => {
  it('takes the preferred option first, whatever a review may say', () => {
    expect(chosenAfter()).toBe('dear and open');
  });

  it.each([
    ['security', 'cheap'],
    ['performance', 'cheap'],
    ['cost', 'cheap'],
    ['approval', 'cheap'],
  ])('after an objection of %s takes what the reviews have least against: "%s"', (from, choice) => {
    expect(chosenAfter(from)).toBe(choice);
  });

  it('goes by the objecting review first', () => {
    const two = preparedTask.parse({
      title: 'Choose',
      name: 'choice',
      options: [
        { name: 'safe', measures: [{ name: 'time', value: 9 }] },
        { name: 'fast', threats: [{ threat: 'theft' }], measures: [{ name: 'time', value: 1 }] },
      ],
    });
    const after = (from: string): string => doTask(two, rules, [{ from, message: 'no' }]).choice;
    expect([after('security'), after('performance')]).toEqual(['safe', 'fast']);
  });

  it('quotes the objection, and says what was not chosen', () => {
    const { text } = doTask(task, rules, [{ from: 'cost', message: '90 is too much' }]);
    expect(text).toContain('Not chosen: dear and open; slow; cheap as well.');
    expect(text).toContain('Answers the objection of cost: 90 is too much');
  });

  it('delivers the notes of a task without options, and makes no fact up', () => {
    const noted = doTask(preparedTask.parse({ title: 'Note', name: 'note', notes: 'As agreed.' }), rules, []);
    expect(noted).toEqual({
      name: 'note',
      title: 'Note',
      choice: '',
      text: '### Note\n\nAs agreed.',
      pillars: {},
      threats: [],
      measures: [],
    });
  });
});
