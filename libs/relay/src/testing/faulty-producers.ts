import type { RelayMessage } from '../relay-ports.js';
import { MemoryProducer } from './memory-broker.js';

/** Breaks the promise that messages of one key keep their order. */
export class ReorderingProducer extends MemoryProducer {
  protected override kept(messages: readonly RelayMessage[]): readonly RelayMessage[] {
    return messages.toReversed();
  }
}

/** Breaks the promise that what is acknowledged is durable. */
export class LosingProducer extends MemoryProducer {
  private count = 0;

  protected override kept(messages: readonly RelayMessage[]): readonly RelayMessage[] {
    return messages.filter(() => ++this.count % 50 !== 0);
  }
}
