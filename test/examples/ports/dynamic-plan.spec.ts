import { describe, expect, it } from '@jest/globals';
import { play, playThroughCrashes, type Scenario } from './ports.js';

type Done = readonly { readonly found: string }[];

const search = (question: string) => ({ capability: 'research.search', with: { question } });
/** Plans one question, then another one that the answer to the first leads to; then it knows. */
const planner = ({ done }: { readonly done: Done }) => {
  const [winner, town] = done;
  if (winner === undefined) return { plan: { steps: { ask: search('winner') }, outputs: { found: '${{ steps.ask.output }}' } } };
  if (town === undefined) return { plan: { steps: { ask: search(`home of ${winner.found}`) }, outputs: { found: '${{ steps.ask.output }}' } } };
  return { answer: town.found };
};
const KNOWN: Readonly<Record<string, string>> = { winner: 'Jannik Sinner', 'home of Jannik Sinner': 'Sexten' };

const question = (agents: Partial<ReturnType<Scenario['agents']>> = {}): Scenario => ({
  port: 'dynamic-plan',
  inputs: { objective: 'Where does the winner of the Australian Open of 2024 come from?' },
  agents: () => ({
    'research.plan': planner,
    'research.search': ({ question }: { question: string }) => KNOWN[question] ?? '',
    ...(agents as ReturnType<Scenario['agents']>),
  }),
});

describe('the port of the dynamic plan', () => {
  it('plans, runs the plan, and plans again with what came out until it knows, through a crash at any point', async () => {
    const { run, ended } = await playThroughCrashes(question());
    expect(ended).toEqual({ answer: 'Sexten' });
    expect(run.calls('research.search').map(({ input }) => input)).toEqual([
      { question: 'winner' },
      { question: 'home of Jannik Sinner' },
    ]);
    expect(run.calls('research.plan')).toHaveLength(3);
  });

  it('does not run a plan that asks for what it may not', async () => {
    const plan = () => ({ plan: { steps: { ask: { capability: 'mail.send' } } } });
    const { run, ended } = await play(question({ 'research.plan': plan, 'mail.send': () => ({}) }));
    expect(ended).toEqual({ error: 'DEFINITION_INVALID' });
    expect(run.calls('mail.send')).toEqual([]);
  });
});
