import { describe, expect, it } from '@jest/globals';
import { play, playThroughCrashes, type Scenario } from './ports.js';

const shop = (): Scenario['agents'] => () => {
  let remaining = 3;
  return {
    'shop.reserve': () => ({ left: 11 }),
    'shop.restock': () => ({ left: 12 }),
    'shop.order': () => ({ id: 'order-1' }),
    'shop.cancel': () => ({}),
    'shop.mark-paid': () => ({}),
    'shop.dispatch': () => ({ remaining: Math.max(0, --remaining) }),
  };
};
const order = (payment: string | null): Scenario => ({
  port: 'order-saga',
  agents: shop(),
  inputs: { product: 'widget' },
  meanwhile: async (run) => {
    await run.until('order');
    if (payment !== null) await run.signal('payment', payment);
  },
});

describe('the port of the order saga', () => {
  it('sells when it is paid, and sends it bit by bit, through a crash at any point', async () => {
    const { run, ended } = await playThroughCrashes(order('paid'));
    expect(ended).toEqual({ order: 'order-1' });
    expect(run.calls('shop.mark-paid')).toHaveLength(1);
    expect(run.calls('shop.dispatch')).toHaveLength(3);
    expect(run.calls('shop.restock')).toEqual([]);
  });

  it('cancels the order and gives the stock back, in this order, when the payment fails, through a crash at any point', async () => {
    const { run, ended } = await playThroughCrashes(order('declined'));
    expect(ended).toEqual({ error: 'GATE_FAILED' });
    expect(run.calls().map(({ capability, input }) => [capability, input])).toEqual([
      ['shop.reserve', { product: 'widget' }],
      ['shop.order', { product: 'widget' }],
      ['shop.cancel', { order: 'order-1' }],
      ['shop.restock', { product: 'widget' }],
    ]);
  });

  it('does the same when nobody pays within two minutes', async () => {
    const { run, kit, ended } = await play(order(null));
    expect(ended).toEqual({ error: 'TIMED_OUT' });
    expect(run.calls().map(({ capability }) => capability)).toEqual(['shop.reserve', 'shop.order', 'shop.cancel', 'shop.restock']);
    expect(kit.now.getTime() - Date.UTC(2026, 0, 1)).toBeGreaterThanOrEqual(120_000);
  });

  it('sells nothing when nothing is left', async () => {
    const { run, ended } = await play({
      ...order(null),
      meanwhile: (run) => run.until('ended'),
      agents: () => ({
        ...shop()(),
        'shop.reserve': () => {
          throw new Error('nothing left');
        },
      }),
    });
    expect(ended).toEqual({ error: 'AGENT_FAILED' });
    expect(run.calls()).toHaveLength(1);
  });

  it('tells the order’s number while it waits for the payment', async () => {
    const asked: unknown[] = [];
    await play({
      ...order('paid'),
      meanwhile: async (run) => {
        await run.until('order');
        asked.push(await run.query('order'));
        await run.signal('payment', 'paid');
      },
    });
    expect(asked).toEqual(['order-1']);
  });
});
