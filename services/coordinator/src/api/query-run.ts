import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { ListQueriesResponse, QueryRunResponse, StoredValue } from '@tutti/contracts';
import { TuttiError, type JsonObject, type JsonValue } from '@tutti/kernel';
import { VALUE_STORE, type ValueStore } from '@tutti/service-kit';
import { EVALUATOR } from '../coordinator.tokens.js';
import type { Evaluator } from '../expressions/evaluator.js';
import { RunEvaluator, type Subject } from '../owner/run-evaluator.js';
import { RunOwner } from '../owner/run-owner.js';
import { stepState } from '../run/run.step-state.js';

/** There for every workflow that has none of this name. */
const STATE = 'state';

export class QueryRun extends Query<QueryRunResponse> {
  constructor(
    readonly runId: string,
    readonly name: string,
  ) {
    super();
  }
}

/** Answers from the run as it is once no append is under way, so that an answer never takes back what it said. */
@QueryHandler(QueryRun)
export class QueryRunHandler implements IQueryHandler<QueryRun> {
  private readonly evaluator: RunEvaluator;

  constructor(
    @Inject(RunOwner) private readonly owner: RunOwner,
    @Inject(EVALUATOR) evaluator: Evaluator,
    @Inject(VALUE_STORE) private readonly values: ValueStore,
  ) {
    this.evaluator = new RunEvaluator(evaluator, values);
  }

  async execute({ runId, name }: QueryRun): Promise<QueryRunResponse> {
    const { state, plan, position } = await this.owner.renewed(runId);
    const expression = plan.queries.get(name);
    if (expression !== undefined) return { value: (await this.evaluator.value({ state, plan }, expression)) ?? null, position };
    if (name === STATE) return { value: await this.describe({ state, plan }), position };
    throw new TuttiError(
      'QUERY_NOT_FOUND',
      `workflow "${plan.name}" version ${plan.version} has no query "${name}"; it has ${namesOf(plan.queries).join(', ')}`,
    );
  }

  private async describe({ state, plan }: Subject): Promise<JsonValue> {
    // What is read below is of this moment, though large values take a while to load.
    const { status } = state;
    const variables = [...state.variables];
    const steps = [...plan.steps.keys()].map((id) => ({ ...stepState(state, id) }));
    const described: Record<string, JsonValue> = {};
    for (const { id, output, status: stepStatus } of steps)
      described[id] = output === null ? { status: stepStatus } : { status: stepStatus, output: await this.load(output) };
    const set: Record<string, JsonValue> = {};
    for (const [name, value] of variables) set[name] = await this.load(value);
    return { status, variables: set, steps: described } satisfies JsonObject;
  }

  private async load(stored: StoredValue): Promise<JsonValue> {
    return this.values.peek(stored) ?? (await this.values.load(stored));
  }
}

export class ListQueries extends Query<ListQueriesResponse> {
  constructor(readonly runId: string) {
    super();
  }
}

@QueryHandler(ListQueries)
export class ListQueriesHandler implements IQueryHandler<ListQueries> {
  constructor(@Inject(RunOwner) private readonly owner: RunOwner) {}

  async execute({ runId }: ListQueries): Promise<ListQueriesResponse> {
    const { plan } = await this.owner.peek(runId);
    return { queries: namesOf(plan.queries).map((name) => ({ name, expression: plan.queries.get(name)?.source ?? '' })) };
  }
}

function namesOf(queries: ReadonlyMap<string, unknown>): readonly string[] {
  return queries.has(STATE) ? [...queries.keys()] : [...queries.keys(), STATE];
}
