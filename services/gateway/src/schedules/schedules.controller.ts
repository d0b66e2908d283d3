import { Controller, Inject, Res } from '@nestjs/common';
import type { ScheduleService } from '@tutti/contracts';
import {
  backfillSchedule,
  changeSchedule,
  createSchedule,
  deleteSchedule,
  getSchedule,
  listSchedules,
  pauseSchedule,
  resumeSchedule,
  triggerSchedule,
  type RouteInput,
} from '@tutti/rest-contract';
import { SCHEDULE_SERVICE } from '@tutti/service-kit';
import type { FastifyReply } from 'fastify';
import { Actor } from '../door/actor.js';
import { Input, Route } from '../rest/route.decorator.js';
import { present } from '../wire/wire-enum.js';
import { scheduleToWire, specFromWire } from './schedule.wire.js';

@Controller()
export class SchedulesController {
  constructor(@Inject(SCHEDULE_SERVICE) private readonly schedules: ScheduleService) {}

  @Route(createSchedule)
  async create(
    @Input(createSchedule) { body: { name, ...rest } }: RouteInput<typeof createSchedule>,
    @Actor() actor: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const { schedule, created, position } = await this.schedules.createSchedule({ name, spec: specFromWire(rest), actor });
    reply.code(created ? 201 : 200).header('location', `/v1/schedules/${encodeURIComponent(name)}`);
    return { schedule: scheduleToWire(present(schedule, 'schedule')), created, position };
  }

  @Route(listSchedules)
  async list(@Input(listSchedules) { query }: RouteInput<typeof listSchedules>) {
    const { schedules, nextPageToken } = await this.schedules.listSchedules(query);
    return { schedules: schedules.map(scheduleToWire), nextPageToken };
  }

  @Route(getSchedule)
  async get(@Input(getSchedule) { params, query }: RouteInput<typeof getSchedule>) {
    const { schedule } = await this.schedules.getSchedule({ ...params, ...query });
    return { schedule: scheduleToWire(present(schedule, 'schedule')) };
  }

  @Route(changeSchedule)
  async change(@Input(changeSchedule) { params, body }: RouteInput<typeof changeSchedule>, @Actor() actor: string) {
    const { schedule, position } = await this.schedules.changeSchedule({ ...params, spec: specFromWire(body), actor });
    return { schedule: scheduleToWire(present(schedule, 'schedule')), position };
  }

  @Route(deleteSchedule)
  async delete(@Input(deleteSchedule) { params, body }: RouteInput<typeof deleteSchedule>, @Actor() actor: string) {
    const { position } = await this.schedules.deleteSchedule({ ...params, ...body, actor });
    return { position };
  }

  @Route(pauseSchedule)
  async pause(@Input(pauseSchedule) { params, body }: RouteInput<typeof pauseSchedule>, @Actor() actor: string) {
    const { position } = await this.schedules.pauseSchedule({ ...params, ...body, actor });
    return { position };
  }

  @Route(resumeSchedule)
  async resume(@Input(resumeSchedule) { params, body }: RouteInput<typeof resumeSchedule>, @Actor() actor: string) {
    const { position } = await this.schedules.resumeSchedule({ ...params, ...body, actor });
    return { position };
  }

  @Route(triggerSchedule)
  async trigger(@Input(triggerSchedule) { params, headers }: RouteInput<typeof triggerSchedule>, @Actor() actor: string) {
    const idempotencyKey = headers['idempotency-key'];
    const { runId, position } = await this.schedules.triggerSchedule({ ...params, actor, idempotencyKey });
    return { runId, position };
  }

  @Route(backfillSchedule)
  async backfill(@Input(backfillSchedule) { params, body, headers }: RouteInput<typeof backfillSchedule>, @Actor() actor: string) {
    const idempotencyKey = headers['idempotency-key'];
    const { backfillId, count, position } = await this.schedules.backfillSchedule({ ...params, ...body, actor, idempotencyKey });
    return { backfillId, count, position };
  }
}
