import { Controller } from '@nestjs/common';
import { TuttiError } from '@tutti/kernel';
import { followFeed } from '@tutti/rest-contract';
import { Route } from '../rest/route.decorator.js';

/** Tells those who ask for the feed over plain HTTP what it is. */
@Controller()
export class FeedController {
  @Route(followFeed)
  explain(): never {
    throw new TuttiError('INVALID_REQUEST', 'the feed is a WebSocket: ask with "Upgrade: websocket"');
  }
}
