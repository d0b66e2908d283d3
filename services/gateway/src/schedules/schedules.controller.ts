import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Put, Query, Res } from '@nestjs/common';
import type { ScheduleService } from '@tutti/contracts';
import { SCHEDULE_SERVICE } from '@tutti/service-kit';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { Actor, FromStartHeaders, type StartHeaders } from '../door/actor.js';
import { freeText, jsonBody, minPosition, nameText, paging, parameters } from '../door/request-parsing.js';
import { present } from '../wire/wire-enum.js';
import { scheduleToWire, specFromWire } from './schedule.wire.js';

const schedulePath = z.strictObject({ name: nameText });
/** The rest is read in the words of a definition. */
const createBody = z.looseObject({ name: nameText });
const changeBody = z.looseObject({});
const reasonBody = z.strictObject({ reason: freeText(2_000).default('') });
const noBody = z.strictObject({});
const backfillBody = z.strictObject({ from: z.string().max(100), to: z.string().max(100) });
const getQuery = z.strictObject({ minPosition });
const listQuery = z.strictObject({ workflow: nameText.or(z.literal('')).default(''), ...paging, minPosition });

type SchedulePath = z.infer<typeof schedulePath>;
type ReasonBody = z.infer<typeof reasonBody>;

@Controller('v1/schedules')
export class SchedulesController {
  constructor(@Inject(SCHEDULE_SERVICE) private readonly schedules: ScheduleService) {}

  @Post()
  async create(
    @Body(jsonBody(createBody)) { name, ...rest }: z.infer<typeof createBody>,
    @Actor() actor: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const { schedule, created, position } = await this.schedules.createSchedule({ name, spec: specFromWire(rest), actor });
    reply.code(created ? 201 : 200).header('location', `/v1/schedules/${encodeURIComponent(name)}`);
    return { schedule: scheduleToWire(present(schedule, 'schedule')), created, position };
  }

  @Get()
  async list(@Query(parameters(listQuery)) query: z.infer<typeof listQuery>) {
    const { schedules, nextPageToken } = await this.schedules.listSchedules(query);
    return { schedules: schedules.map(scheduleToWire), nextPageToken };
  }

  @Get(':name')
  async get(@Param(parameters(schedulePath)) path: SchedulePath, @Query(parameters(getQuery)) query: z.infer<typeof getQuery>) {
    const { schedule } = await this.schedules.getSchedule({ ...path, ...query });
    return { schedule: scheduleToWire(present(schedule, 'schedule')) };
  }

  @Put(':name')
  async change(
    @Param(parameters(schedulePath)) path: SchedulePath,
    @Body(jsonBody(changeBody)) body: z.infer<typeof changeBody>,
    @Actor() actor: string,
  ) {
    const { schedule, position } = await this.schedules.changeSchedule({ ...path, spec: specFromWire(body), actor });
    return { schedule: scheduleToWire(present(schedule, 'schedule')), position };
  }

  @Delete(':name')
  async delete(@Param(parameters(schedulePath)) path: SchedulePath, @Body(jsonBody(reasonBody)) body: ReasonBody, @Actor() actor: string) {
    const { position } = await this.schedules.deleteSchedule({ ...path, ...body, actor });
    return { position };
  }

  @Post(':name/pause')
  @HttpCode(200)
  async pause(@Param(parameters(schedulePath)) path: SchedulePath, @Body(jsonBody(reasonBody)) body: ReasonBody, @Actor() actor: string) {
    const { position } = await this.schedules.pauseSchedule({ ...path, ...body, actor });
    return { position };
  }

  @Post(':name/resume')
  @HttpCode(200)
  async resume(@Param(parameters(schedulePath)) path: SchedulePath, @Body(jsonBody(reasonBody)) body: ReasonBody, @Actor() actor: string) {
    const { position } = await this.schedules.resumeSchedule({ ...path, ...body, actor });
    return { position };
  }

  @Post(':name/trigger')
  async trigger(
    @Param(parameters(schedulePath)) path: SchedulePath,
    @Body(jsonBody(noBody)) _body: z.infer<typeof noBody>,
    @Actor() actor: string,
    @FromStartHeaders() { idempotencyKey }: StartHeaders,
  ) {
    const { runId, position } = await this.schedules.triggerSchedule({ ...path, actor, idempotencyKey });
    return { runId, position };
  }

  @Post(':name/backfill')
  async backfill(
    @Param(parameters(schedulePath)) path: SchedulePath,
    @Body(jsonBody(backfillBody)) body: z.infer<typeof backfillBody>,
    @Actor() actor: string,
    @FromStartHeaders() { idempotencyKey }: StartHeaders,
  ) {
    const { backfillId, count, position } = await this.schedules.backfillSchedule({ ...path, ...body, actor, idempotencyKey });
    return { backfillId, count, position };
  }
}
