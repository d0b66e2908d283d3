import { sha256Hex } from '@tutti/kernel';

/** The same text always gives the same id: a UUIDv8 (RFC 9562) from its hash. For events that are recorded once however often they are brought. */
export function hashedId(text: string): string {
  const hex = sha256Hex(text);
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
