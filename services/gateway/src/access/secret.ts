import { createHash, timingSafeEqual } from 'node:crypto';

/** Where secrets come from; they are never recorded, only their hashes. */
export interface SecretSource {
  /** 256 random bits in 43 characters of base64url. */
  secret(): string;
  /** 80 random bits in 16 lower-case letters and digits: enough to name something, not to prove anything. */
  id(): string;
}

/** SHA-256 in lower-case hex. Enough for what is random itself; it would not be for a password. */
export function hashOfSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** Takes the same time wherever they differ. */
export function isSameHash(left: string, right: string): boolean {
  const [one, other] = [Buffer.from(left), Buffer.from(right)];
  return one.length === other.length && timingSafeEqual(one, other);
}
