import { describe, expect, it } from '@jest/globals';
import { play, playThroughCrashes, type Scenario } from './ports.js';

const order: Scenario = {
  port: 'sub-workflow',
  inputs: { order: 'o-1', amount: 249.99 },
  agents: () => ({
    'order.validate': () => ({ valid: true }),
    'payment.charge': ({ order }: { order: string }) => ({ transaction: `t-${order}` }),
    'order.ship': ({ order }: { order: string }) => ({ tracking: `track-${order}` }),
    'customer.notify': ({ order, tracking }: { order: string; tracking: string }) => ({ message: `${order} is on its way: ${tracking}` }),
  }),
};

describe('the port of the sub-workflow', () => {
  it('gets what the payment’s own run and the group for shipping answered, through a crash at any point', async () => {
    const { run, ended } = await playThroughCrashes(order);
    expect(ended).toEqual({ valid: true, transaction: 't-o-1', tracking: 'track-o-1', message: 'o-1 is on its way: track-o-1' });
    expect(run.calls().map(({ capability, input }) => [capability, input])).toEqual([
      ['order.validate', { order: 'o-1' }],
      ['payment.charge', { order: 'o-1', amount: 249.99 }],
      ['order.ship', { order: 'o-1' }],
      ['customer.notify', { order: 'o-1', tracking: 'track-o-1' }],
    ]);
  });

  it('ships nothing when the payment’s run fails, and says why', async () => {
    const refuse = (): never => {
      throw new Error('card declined');
    };
    const { run, ended } = await play({ ...order, agents: () => ({ ...order.agents(), 'payment.charge': refuse }) });
    expect(ended).toEqual({ error: 'AGENT_FAILED' });
    expect(run.calls('order.ship')).toEqual([]);
  });
});
