import { randomBytes } from 'node:crypto';
import type { SecretSource } from './secret.js';

const SECRET_BYTES = 32;
const ID_LENGTH = 16;
const ID_LETTERS = 'abcdefghijklmnopqrstuvwxyz234567';

/** Secrets from the operating system. */
export const systemSecrets: SecretSource = {
  secret: () => randomBytes(SECRET_BYTES).toString('base64url'),
  id: () => Array.from(randomBytes(ID_LENGTH), (byte) => ID_LETTERS[byte % ID_LETTERS.length]).join(''),
};
