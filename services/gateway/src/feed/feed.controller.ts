import { Controller, Get } from '@nestjs/common';
import { TuttiError } from '@tutti/kernel';

/** Tells those who ask for the feed over plain HTTP what it is. */
@Controller('v1/feed')
export class FeedController {
  @Get()
  explain(): never {
    throw new TuttiError('INVALID_REQUEST', 'the feed is a WebSocket: ask with "Upgrade: websocket"');
  }
}
