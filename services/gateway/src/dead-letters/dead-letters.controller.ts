import { Controller, Inject } from '@nestjs/common';
import type { DeadLetter, EventBus } from '@tutti/event-bus';
import { TuttiError } from '@tutti/kernel';
import { discardDeadLetter, getDeadLetter, listDeadLetters, replayDeadLetter, type RouteInput } from '@tutti/rest-contract';
import { EVENT_BUS, LOGGER, type Logger } from '@tutti/service-kit';
import { Actor } from '../door/actor.js';
import { Input, Route } from '../rest/route.decorator.js';
import { letterId, placeOf, type LetterPlace } from './letter-id.js';

const DEFAULT_PAGE = 100;

/** Messages that nobody could handle, straight from the bus. */
@Controller()
export class DeadLettersController {
  constructor(
    @Inject(EVENT_BUS) private readonly bus: EventBus,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  @Route(listDeadLetters)
  async list(@Input(listDeadLetters) { query }: RouteInput<typeof listDeadLetters>) {
    const { topic, group, pageSize, pageToken } = query;
    const limit = pageSize === 0 ? DEFAULT_PAGE : pageSize;
    const found = await this.bus.deadLetters.list({
      limit,
      ...(topic === '' ? {} : { topic }),
      ...(group === '' ? {} : { group }),
      ...(pageToken === '' ? {} : { after: pageToken }),
    });
    return { deadLetters: found.map(summaryToWire), nextPageToken: found.length === limit ? (found.at(-1)?.cursor ?? '') : '' };
  }

  @Route(getDeadLetter)
  async get(@Input(getDeadLetter) { params: { id } }: RouteInput<typeof getDeadLetter>) {
    const { topic, group, offset } = placeOf(id);
    const letter = await this.bus.deadLetters.get(topic, group, offset);
    if (letter === null) throw notFound(id);
    const { attempts, payload, traceparent } = letter;
    return { deadLetter: { ...summaryToWire(letter), attempts, payload, traceparent } };
  }

  @Route(replayDeadLetter)
  replay(@Input(replayDeadLetter) input: RouteInput<typeof replayDeadLetter>, @Actor() actor: string) {
    return this.settle(input, actor, 'replayed', ({ topic, group, offset }) => this.bus.deadLetters.replay(topic, group, offset));
  }

  @Route(discardDeadLetter)
  discard(@Input(discardDeadLetter) input: RouteInput<typeof discardDeadLetter>, @Actor() actor: string) {
    return this.settle(input, actor, 'discarded', ({ topic, group, offset }) => this.bus.deadLetters.discard(topic, group, offset));
  }

  private async settle(
    { params: { id }, body: { reason } }: Pick<RouteInput<typeof replayDeadLetter>, 'params' | 'body'>,
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
