import type { AgentTask } from '@tutti/agent-sdk';
import { z } from 'zod';
import type { Milestone } from './plan.schema.js';

/** What a review, a criterion or a person said against what was delivered before. */
export interface Objection {
  readonly from: string;
  readonly message: string;
}

/** The milestone's tasks as steps of a plan that a workflow can take up, all at once, and what was objected to before. Texts of the plan get there as inputs, so that none is taken for an expression. */
export function planMilestone({ tasks }: Milestone, feedback: AgentTask['feedback']) {
  const objections: readonly Objection[] = feedback.map((one) => ({ from: one.gate, message: reasonOf(one) }));
  const steps = tasks.map(({ name, title, capability }, index) => [
    name,
    {
      name: title.slice(0, 200).replaceAll('${{', '$ {{'),
      capability,
      with: { task: `\${{ inputs.tasks[${index}] }}`, reviews: '${{ inputs.reviews }}', objections: '${{ inputs.objections }}' },
      retry: { maxAttempts: 3 },
      output: { type: 'object' },
    },
  ]);
  const deliverables = tasks.map(({ name }) => ({ name, delivered: `\${{ steps.${name}.output }}` }));
  return { plan: { steps: Object.fromEntries(steps) as object, outputs: { deliverables } }, objections };
}

const judged = z.object({ verdicts: z.array(z.object({ passed: z.boolean(), reason: z.string().optional() })) });

/** Of judges what they said, and not how many of them; of other gates their message. */
function reasonOf({ message, evidence }: AgentTask['feedback'][number]): string {
  const { data } = judged.safeParse(evidence);
  const reasons = data?.verdicts.filter(({ passed }) => !passed).flatMap(({ reason = '' }) => (reason === '' ? [] : [reason])) ?? [];
  return reasons.length === 0 ? message : reasons.join('; ');
}
