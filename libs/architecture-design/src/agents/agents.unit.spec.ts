import { describe, expect, it } from '@jest/globals';
import { agentDefinitions, agentOf, contextFor, needsOf, taskFor, workflowDefinition } from '../testing/run-workflow.js';

const workflow = workflowDefinition();
const agents = agentDefinitions();

describe('the shipped definitions', () => {
  it('are six agents whose exports exist and eight steps whose capabilities they have', () => {
    expect(agents.map((agent) => agent.name)).toEqual([
      'architect-review',
      'backend-architect',
      'cloud-architect',
      'database-architect',
      'observability-engineer',
      'security-auditor',
    ]);
    for (const agent of agents) expect(agentOf(agent)).toBeDefined();
    const capabilities = agents.flatMap((agent) => agent.capabilities);
    expect(
      Object.values(workflow.steps)
        .map((step) => step.capability)
        .sort(),
    ).toEqual([...capabilities].sort());
  });

  it('refer only to steps they need', () => {
    for (const [id, step] of Object.entries(workflow.steps)) {
      const referred = [...JSON.stringify([step.with, step.gates]).matchAll(/steps\.`?([a-z-]+)`?\./g)].map((match) => match[1] ?? '');
      expect(needsOf(workflow, id)).toEqual(expect.arrayContaining([...new Set(referred)]));
    }
  });

  it('let a person approve the document last', () => {
    const gates = workflow.steps['decisions']?.gates ?? [];
    expect(gates.at(-1)).toMatchObject({ type: 'approval', payload: '${{ output.document }}' });
  });
});

describe('an agent', () => {
  const lead = agents.find((agent) => agent.name === 'architect-review');
  if (lead === undefined) throw new Error('architect-review is not shipped');

  it.each([
    ['an empty document', 'architecture.context', { prd: ' \n\n' }, 'architecture.input.empty'],
    ['no document', 'architecture.context', {}, 'architecture.input.invalid'],
    ['a design that is none', 'architecture.high-level', { facts: 1 }, 'architecture.input.invalid'],
    ['a capability it lacks', 'architecture.cooking', {}, 'architecture.capability.unknown'],
  ])('refuses %s for good', async (_, capability, input, code) => {
    await expect(agentOf(lead).processTask(taskFor('s', capability, input), contextFor(lead))).rejects.toMatchObject({
      name: 'AgentFailure',
      code,
      retryable: false,
    });
  });

  it('says in what it writes that no model wrote it', async () => {
    const output = await agentOf(lead).processTask(
      taskFor('context', 'architecture.context', { prd: 'The tool must print.' }),
      contextFor(lead),
    );
    expect(JSON.stringify(output)).toContain("Written by Tutti's offline engine: rule-based and extractive, no language model.");
  });
});
