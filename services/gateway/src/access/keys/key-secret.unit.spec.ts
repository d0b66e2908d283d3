import { describe, expect, it } from '@jest/globals';
import { TOKEN_PATTERN } from '../../gateway.config.js';
import { systemSecrets } from '../system-secrets.js';
import { readKey, writeKey } from './key-secret.js';

const key = { id: 'k1', secret: 'x'.repeat(43) };

describe('the text of an API key', () => {
  it('carries id and secret, and fits where a token fits', () => {
    for (let index = 0; index < 100; index++) {
      const made = { id: systemSecrets.id(), secret: systemSecrets.secret() };
      expect(readKey(writeKey(made))).toEqual(made);
      expect(writeKey(made)).toMatch(TOKEN_PATTERN);
    }
  });

  it('has 256 random bits, never the same twice', () => {
    const secrets = Array.from({ length: 1_000 }, () => systemSecrets.secret());
    expect(new Set(secrets).size).toBe(1_000);
    expect(secrets.every((secret) => Buffer.from(secret, 'base64url').length === 32)).toBe(true);
  });

  it.each([
    ['without an id', `tutti__${key.secret}`],
    ['with a short secret', `tutti_k1_${key.secret.slice(1)}`],
    ['with a long one', `tutti_k1_${key.secret}x`],
    ['with something before it', ` tutti_k1_${key.secret}`],
    ['with another beginning', `other_k1_${key.secret}`],
    ['with an id of other letters', `tutti_K1_${key.secret}`],
    ['with a line after it', `tutti_k1_${key.secret}\n`],
  ])('is refused %s', (_, text) => {
    expect(readKey(text)).toBeNull();
  });
});
