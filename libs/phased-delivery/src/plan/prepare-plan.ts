import { DEFAULT_MILESTONES } from './default-plan.js';
import { givenPlan, type GivenPlan, type Milestone, type Plan, type PreparedTask } from './plan.schema.js';

/** The plan contradicts itself; every problem at once. */
export class PlanProblems extends Error {
  override readonly name = 'PlanProblems';

  constructor(readonly problems: readonly string[]) {
    super(problems.join('; '));
  }
}

/**
 * Fills in what the plan leaves open, and finds out what could never work: deliverables with one name, criteria that nothing meets.
 *
 * @throws PlanProblems
 */
export function preparePlan(given: GivenPlan): Plan {
  const milestones = (given.milestones ?? givenPlan.parse({ milestones: DEFAULT_MILESTONES }).milestones ?? []).map(prepared);
  const problems = findProblems(given.given, milestones);
  if (problems.length > 0) throw new PlanProblems(problems);
  return { title: given.title, given: given.given, milestones };
}

function prepared({ name, entry, tasks, exit, reviews }: NonNullable<GivenPlan['milestones']>[number]): Milestone {
  const named: PreparedTask[] = tasks.map((task) => ({ ...task, name: task.name ?? nameOf(task.title) }));
  return { name, entry, tasks: named, exit: exit ?? named.map((task) => task.name), reviews };
}

/** "Choose the database (EU)" becomes "choose-the-database-eu". */
export function nameOf(title: string): string {
  const words = title.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  const joined = words.join('-').slice(0, 90).replace(/-$/, '');
  return /^[a-z]/.test(joined) ? joined : `task-${joined}`.replace(/-$/, '');
}

function findProblems(given: readonly string[], milestones: readonly Milestone[]): readonly string[] {
  const problems: string[] = [];
  const there = new Set(given);
  for (const { name, entry, tasks, exit } of milestones) {
    const own = new Set<string>();
    // What nobody delivers the entry gate finds when it is time: it may be given by then, in a plan that is started anew. The wrong order can never work.
    for (const criterion of entry)
      if (!there.has(criterion) && milestones.some((other) => other.tasks.some((task) => task.name === criterion)))
        problems.push(`milestone "${name}" begins with "${criterion}", which is delivered by itself or later`);
    for (const task of tasks) {
      if (there.has(task.name) || own.has(task.name))
        problems.push(`"${task.name}" of milestone "${name}" is delivered twice; give one of the tasks another name`);
      own.add(task.name);
    }
    for (const criterion of exit)
      if (!own.has(criterion)) problems.push(`milestone "${name}" ends with "${criterion}", which none of its tasks delivers`);
    for (const one of own) there.add(one);
  }
  return problems;
}
