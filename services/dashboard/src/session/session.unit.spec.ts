import { describe, expect, it } from '@jest/globals';
import { endSession, readSession, takeToken, writeSession } from './session.js';

const TOKEN = 'abcdefghijklmnop0123';

function memory() {
  const held = new Map<string, string>();
  return {
    getItem: (key: string) => held.get(key) ?? null,
    setItem: (key: string, value: string) => void held.set(key, value),
    removeItem: (key: string) => void held.delete(key),
  };
}

describe('the page’s session', () => {
  it('keeps the token of the address and takes it out of there', () => {
    const store = memory();
    const addresses: string[] = [];
    takeToken({ hash: `#token=${TOKEN}`, pathname: '/runs/r-1', search: '?tab=events' }, store, (to) => addresses.push(to));
    expect(readSession(store)).toEqual({ token: TOKEN, actor: 'user:local' });
    expect(addresses).toEqual(['/runs/r-1?tab=events']);
  });

  it('takes what is no token out of the address, too, and keeps the one it has', () => {
    const store = memory();
    writeSession(store, { token: TOKEN, actor: 'user:ann' });
    const addresses: string[] = [];
    takeToken({ hash: '#token=short', pathname: '/', search: '' }, store, (to) => addresses.push(to));
    expect(readSession(store)).toEqual({ token: TOKEN, actor: 'user:ann' });
    expect(addresses).toEqual(['/']);
  });

  it('leaves an address without a token as it is', () => {
    const store = memory();
    const addresses: string[] = [];
    takeToken({ hash: '#gates', pathname: '/', search: '' }, store, (to) => addresses.push(to));
    expect([readSession(store), addresses]).toEqual([null, []]);
  });

  it('has no token once it has ended', () => {
    const store = memory();
    writeSession(store, { token: TOKEN, actor: 'user:ann' });
    endSession(store);
    expect(readSession(store)).toBeNull();
  });
});
