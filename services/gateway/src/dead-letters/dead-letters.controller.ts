import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import type { DeadLetter, EventBus } from '@tutti/event-bus';
import { TuttiError } from '@tutti/kernel';
import { EVENT_BUS, LOGGER, type Logger } from '@tutti/service-kit';
import { z } from 'zod';
import { Actor } from '../door/actor.js';
import { freeText, jsonBody, nameText, paging, parameters } from '../door/request-parsing.js';
import { letterId, placeOf, type LetterPlace } from './letter-id.js';

const DEFAULT_PAGE = 100;

const anyName = nameText.or(z.literal('')).default('');
const letterPath = z.strictObject({ id: nameText });
const listQuery = z.strictObject({ topic: anyName, group: anyName, ...paging });
const reasonBody = z.strictObject({ reason: freeText(2_000).default('') });

type LetterPath = z.infer<typeof letterPath>;
type ReasonBody = z.infer<typeof reasonBody>;

/** Messages that nobody could handle, straight from the bus. */
@Controller('v1/dead-letters')
export class DeadLettersController {
  constructor(
    @Inject(EVENT_BUS) private readonly bus: EventBus,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Oldest first, without payloads. */
  @Get()
  async list(@Query(parameters(listQuery)) { topic, group, pageSize, pageToken }: z.infer<typeof listQuery>) {
    const limit = pageSize === 0 ? DEFAULT_PAGE : pageSize;
    const found = await this.bus.deadLetters.list({
      limit,
      ...(topic === '' ? {} : { topic }),
      ...(group === '' ? {} : { group }),
      ...(pageToken === '' ? {} : { after: pageToken }),
    });
    return { deadLetters: found.map(summaryToWire), nextPageToken: found.length === limit ? (found.at(-1)?.cursor ?? '') : '' };
  }

  @Get(':id')
  async get(@Param(parameters(letterPath)) { id }: LetterPath) {
    const { topic, group, offset } = placeOf(id);
    const letter = await this.bus.deadLetters.get(topic, group, offset);
    if (letter === null) throw notFound(id);
    const { attempts, payload, traceparent } = letter;
    return { deadLetter: { ...summaryToWire(letter), attempts, payload, traceparent } };
  }

  /** Hands it to its group once more. */
  @Post(':id/replay')
  @HttpCode(200)
  replay(@Param(parameters(letterPath)) path: LetterPath, @Body(jsonBody(reasonBody)) body: ReasonBody, @Actor() actor: string) {
    return this.settle(path, body, actor, 'replayed', ({ topic, group, offset }) => this.bus.deadLetters.replay(topic, group, offset));
  }

  @Post(':id/discard')
  @HttpCode(200)
  discard(@Param(parameters(letterPath)) path: LetterPath, @Body(jsonBody(reasonBody)) body: ReasonBody, @Actor() actor: string) {
    return this.settle(path, body, actor, 'discarded', ({ topic, group, offset }) => this.bus.deadLetters.discard(topic, group, offset));
  }

  private async settle(
    { id }: LetterPath,
    { reason }: ReasonBody,
    actor: string,
    outcome: 'replayed' | 'discarded',
    settle: (place: LetterPlace) => Promise<boolean>,
  ) {
    if (!(await settle(placeOf(id)))) throw notFound(id);
    this.logger.info(`a dead letter was ${outcome}`, { letter: id, actor, reason });
    return { id, outcome };
  }
}

function summaryToWire(letter: DeadLetter) {
  const { topic, group, offset, id: messageId, type, key, member, deliveries, error, time } = letter;
  return { id: letterId({ topic, group, offset }), topic, group, offset, messageId, type, key, member, deliveries, error, time };
}

function notFound(id: string): TuttiError {
  return new TuttiError('DEAD_LETTER_NOT_FOUND', `there is no dead letter "${id}"; it may have been replayed or discarded`);
}
