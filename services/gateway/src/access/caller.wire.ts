import type { Caller } from '@tutti/contracts';

/** By REST what names the credential stands together. */
export function callerToWire({ credentialKind, credentialId, ...caller }: Caller) {
  return { ...caller, credential: { kind: credentialKind, id: credentialId } };
}
