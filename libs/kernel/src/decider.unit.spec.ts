import { describe, expect, it } from '@jest/globals';
import { assertNever } from './assert-never.js';
import { fold, type Decider } from './decider.js';

interface Account {
  balance: number;
  readonly entries: string[];
}
type AccountEvent = { readonly type: 'Deposited' | 'Withdrawn'; readonly amount: number };

const account: Decider<never, Account, AccountEvent> = {
  initialState: () => ({ balance: 0, entries: [] }),
  decide: () => [],
  evolve(state, event) {
    state.balance += event.type === 'Deposited' ? event.amount : -event.amount;
    state.entries.push(event.type);
    return state;
  },
};

describe('fold', () => {
  it('is the initial state when nothing happened', () => {
    expect(fold(account, [])).toEqual({ balance: 0, entries: [] });
  });

  it('applies the events in their order', () => {
    const events: AccountEvent[] = [
      { type: 'Deposited', amount: 5 },
      { type: 'Withdrawn', amount: 2 },
    ];
    expect(fold(account, events)).toEqual({ balance: 3, entries: ['Deposited', 'Withdrawn'] });
  });

  it('begins each time from a fresh state, though evolve changes it in place', () => {
    const events: AccountEvent[] = [{ type: 'Deposited', amount: 5 }];
    expect(fold(account, events)).toEqual(fold(account, events));
  });

  it('goes with the state that evolve returns, when it makes a new one', () => {
    const sum = { initialState: () => 0, evolve: (state: number, event: number) => state + event };
    expect(fold(sum, new Set([1, 2, 3]))).toBe(6);
  });
});

describe('assertNever', () => {
  it('fails loudly on a value from outside the union, and says which', () => {
    expect(() => assertNever({ type: 'Odd' } as never, 'command')).toThrow('unexpected command: {"type":"Odd"}');
  });
});
