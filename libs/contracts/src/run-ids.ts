import { sha256Hex } from '@tutti/kernel';

/** The run that an idempotency key names, always the same one: a UUIDv8 (RFC 9562) from the key's hash. */
export function runIdOfKey(key: string): string {
  const hex = sha256Hex(`run of idempotency key\n${key}`);
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** The run that an approval belongs to, by its id alone. */
export function runOfApproval(approvalId: string): string {
  const dot = approvalId.indexOf('.');
  return dot < 0 ? approvalId : approvalId.slice(0, dot);
}
