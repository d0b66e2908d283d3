import type {
  BackfillScheduleRequest,
  BackfillScheduleResponse,
  ChangeScheduleRequest,
  ChangeScheduleResponse,
  CreateScheduleRequest,
  CreateScheduleResponse,
  DeleteScheduleRequest,
  DeleteScheduleResponse,
  GetScheduleRequest,
  GetScheduleResponse,
  ListSchedulesRequest,
  ListSchedulesResponse,
  PauseScheduleRequest,
  PauseScheduleResponse,
  ResumeScheduleRequest,
  ResumeScheduleResponse,
  ScheduleService,
  ScheduleSpecMessage,
  TriggerScheduleRequest,
  TriggerScheduleResponse,
} from '@tutti/contracts';
import { TuttiError, type Runtime } from '@tutti/kernel';
import { invalidRequest, parseRequest } from '@tutti/service-kit';
import { z } from 'zod';
import { actor, reason } from '../api/request-fields.js';
import { hashedId } from '../inbox/hashed-id.js';
import { findPage } from '../views/paging.js';
import type { Views } from '../views/views.js';
import type { PlanCatalog } from '../workflow/plan-catalog.js';
import { checkSpec } from './check-spec.js';
import type { ScheduleLedger } from './schedule-ledger.js';
import { scheduleMessage, specOf } from './schedule-messages.js';
import { existing, type ScheduleCommand } from './schedule.decider.js';
import type { LiveSchedule } from './schedule.state.js';
import type { Scheduler } from './scheduler.js';
import { timesBetween } from './times.js';

const NEXT_TIMES = 5;
const MAX_BACKFILL = 10_000;

const name = z.string().min(1).max(200);
const ownName = z
  .string()
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'expected lower-case words with hyphens, like "nightly-report"')
  .max(100);
const idempotencyKey = z.string().max(200).default('');
const createRequest = z.object({ name: ownName, actor });
const changeRequest = z.object({ name, actor });
const byPerson = z.object({ name, actor, reason });
const triggerRequest = z.object({ name, actor, idempotencyKey });
const time = z.iso.datetime({ offset: true, error: 'expected a time like 2026-01-31T09:00:00Z' });
const backfillRequest = z.object({ name, actor, idempotencyKey, from: time, to: time });

interface ScheduleApiParts {
  readonly ledger: ScheduleLedger;
  readonly scheduler: () => Pick<Scheduler, 'triggerNow'>;
  readonly plans: Pick<PlanCatalog, 'plan'>;
  readonly views: Pick<Views, 'at'>;
  readonly runtime: Runtime;
}

/** The contract of schedules. */
export class ScheduleApi implements ScheduleService {
  constructor(private readonly parts: ScheduleApiParts) {}

  async createSchedule(request: CreateScheduleRequest): Promise<CreateScheduleResponse> {
    const checked = parseRequest(createRequest, request);
    const command = { type: 'CreateSchedule', ...checked, spec: this.specOf(request.spec), nowMs: this.now() } as const;
    const { schedule, changed, position } = await this.handle(command, checked.actor);
    return { schedule, created: changed, position };
  }

  async changeSchedule(request: ChangeScheduleRequest): Promise<ChangeScheduleResponse> {
    const checked = parseRequest(changeRequest, request);
    const command = { type: 'ChangeSchedule', ...checked, spec: this.specOf(request.spec), nowMs: this.now() } as const;
    const { schedule, position } = await this.handle(command, checked.actor);
    return { schedule, position };
  }

  async pauseSchedule(request: PauseScheduleRequest): Promise<PauseScheduleResponse> {
    const checked = parseRequest(byPerson, request);
    return { position: (await this.handle({ type: 'PauseSchedule', ...checked }, checked.actor)).position };
  }

  async resumeSchedule(request: ResumeScheduleRequest): Promise<ResumeScheduleResponse> {
    const checked = parseRequest(byPerson, request);
    return { position: (await this.handle({ type: 'ResumeSchedule', ...checked, nowMs: this.now() }, checked.actor)).position };
  }

  async deleteSchedule(request: DeleteScheduleRequest): Promise<DeleteScheduleResponse> {
    const checked = parseRequest(byPerson, request);
    const { position } = await this.parts.ledger.handle(checked.name, { type: 'DeleteSchedule', ...checked }, checked.actor);
    return { position };
  }

  async triggerSchedule(request: TriggerScheduleRequest): Promise<TriggerScheduleResponse> {
    const checked = parseRequest(triggerRequest, request);
    return this.parts.scheduler().triggerNow(checked.name, this.keyOf(checked.idempotencyKey), checked.actor);
  }

  async backfillSchedule(request: BackfillScheduleRequest): Promise<BackfillScheduleResponse> {
    const { name: of, actor: by, idempotencyKey: key, from, to } = parseRequest(backfillRequest, request);
    const [fromMs, toMs] = [Date.parse(from), Date.parse(to)];
    if (toMs < fromMs) throw invalidRequest([{ path: 'to', message: `found ${to}, expected a time not before ${from}` }]);
    if (toMs > this.now()) throw invalidRequest([{ path: 'to', message: `found ${to}, expected a time that has passed` }]);
    const { spec } = existing(of, await this.parts.ledger.load(of));
    const count = timesBetween(spec, fromMs - 1, toMs, MAX_BACKFILL + 1).length;
    if (count > MAX_BACKFILL)
      throw invalidRequest([{ path: 'to', message: `there are more than ${MAX_BACKFILL} times from ${from} to ${to}; backfill in parts` }]);
    const backfillId = hashedId(`backfill\n${of}\n${this.keyOf(key)}`);
    const { position } = await this.handle({ type: 'RequestBackfill', name: of, backfillId, fromMs, toMs, actor: by }, by);
    return { backfillId, count, position };
  }

  async getSchedule({ name: of, minPosition }: GetScheduleRequest): Promise<GetScheduleResponse> {
    const { model } = await this.parts.views.at('schedules', minPosition);
    const found = await model.get(of);
    const known = existing(of, found === null ? { status: 'none' } : found.document);
    return { schedule: scheduleMessage(known, this.now(), NEXT_TIMES) };
  }

  async listSchedules(request: ListSchedulesRequest): Promise<ListSchedulesResponse> {
    const { model } = await this.parts.views.at('schedules', request.minPosition);
    const status = { $in: ['active', 'paused'] };
    const filter = request.workflow === '' ? { status } : { 'spec.workflow': request.workflow, status };
    const { found, nextPageToken } = await findPage(model, { filter, sort: [['name', 'asc']] }, request);
    return { schedules: found.map(({ document }) => scheduleMessage(document, this.now(), 1)), nextPageToken };
  }

  private async handle(
    command: Extract<ScheduleCommand, { readonly name: string }>,
    by: string,
  ): Promise<{ readonly schedule: ReturnType<typeof scheduleMessage>; readonly changed: boolean; readonly position: number }> {
    const { state, events, position } = await this.parts.ledger.handle(command.name, command, by);
    const known: LiveSchedule = existing(command.name, state);
    return { schedule: scheduleMessage(known, this.now(), NEXT_TIMES), changed: events.length > 0, position };
  }

  /** @throws TuttiError INVALID_REQUEST · WORKFLOW_NOT_FOUND */
  private specOf(message: ScheduleSpecMessage | undefined): ReturnType<typeof specOf> {
    if (message === undefined) throw new TuttiError('INVALID_REQUEST', 'spec: found nothing, expected what the schedule does');
    const spec = checkSpec(specOf(message));
    this.parts.plans.plan(spec.workflow, 0);
    return spec;
  }

  private keyOf(given: string): string {
    return given === '' ? this.parts.runtime.ids.next() : given;
  }

  private now(): number {
    return this.parts.runtime.clock.now();
  }
}
