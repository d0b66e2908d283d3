import { describe, expect, it } from '@jest/globals';
import { parseSecrets, signatureOf } from './signature.js';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const MESSAGE = ['msg_p5jXN8AQM9LWM0D4loKWxJek', 1614265330, '{"test": 2432232314}'] as const;
const SIGNATURE = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=';

describe('the signature of a webhook', () => {
  it('is that of Standard Webhooks’ own sample', () => {
    expect(signatureOf(parseSecrets(SECRET) ?? [], ...MESSAGE)).toBe(SIGNATURE);
  });

  it('is one for each secret while they are changed', () => {
    const other = `whsec_${Buffer.alloc(24, 1).toString('base64')}`;
    const [first, second] = signatureOf(parseSecrets(`${SECRET}  ${other}`) ?? [], ...MESSAGE).split(' ');
    expect(first).toBe(SIGNATURE);
    expect(second).toBe(signatureOf(parseSecrets(other) ?? [], ...MESSAGE));
    expect(second).not.toBe(first);
  });

  it.each(['', 'secret', 'whsec_', 'whsec_c2hvcnQ=', `whsec_${Buffer.alloc(65).toString('base64')}`, `${SECRET} x`])(
    'takes no secret like "%s"',
    (text) => {
      expect(parseSecrets(text)).toBeNull();
    },
  );
});
