import { Agent } from '@tutti/agent-sdk';

/** Answers what it was given. */
export class EchoAgent extends Agent {
  async processTask({ input }) {
    return input;
  }
}
