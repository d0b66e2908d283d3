import { describe, expect, it } from '@jest/globals';
import { callerOf, keepActor, keptActor, takeToken } from './session.js';

const TOKEN = 'abcdefghijklmnop0123';

function memory() {
  const held = new Map<string, string>();
  return {
    getItem: (key: string) => held.get(key) ?? null,
    setItem: (key: string, value: string) => void held.set(key, value),
    removeItem: (key: string) => void held.delete(key),
  };
}

function taken(hash: string) {
  const addresses: string[] = [];
  const token = takeToken({ hash, pathname: '/runs/r-1', search: '?tab=events' }, (to) => addresses.push(to));
  return { token, addresses };
}

describe('the token in the address', () => {
  it('is taken out of there', () => {
    expect(taken(`#token=${TOKEN}`)).toEqual({ token: TOKEN, addresses: ['/runs/r-1?tab=events'] });
  });

  it('is taken out, and is none, when it cannot be one', () => {
    expect(taken('#token=short')).toEqual({ token: null, addresses: ['/runs/r-1?tab=events'] });
  });

  it('is none in an address that has another hash, which stays', () => {
    expect(taken('#gates')).toEqual({ token: null, addresses: [] });
  });
});

describe('the name to act under', () => {
  it('is kept in the browser until it is given up', () => {
    const store = memory();
    keepActor(store, 'user:ann');
    expect(keptActor(store)).toBe('user:ann');
    keepActor(store, null);
    expect(keptActor(store)).toBeNull();
  });

  it('is none when what is kept is no name', () => {
    const store = memory();
    store.setItem('tutti.actor', 'somebody else');
    expect(keptActor(store)).toBeNull();
  });
});

it('a caller may do what the answer lists', () => {
  const view = { actor: 'key:ci', role: '', permissions: ['runs:read'], credential: { kind: 'api-key', id: 'k1' }, mayActAsOthers: false };
  const { permissions } = callerOf(view);
  expect([permissions.has('runs:read'), permissions.has('runs:start')]).toEqual([true, false]);
});
