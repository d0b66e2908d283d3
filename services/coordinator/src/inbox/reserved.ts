import { categoryOfEventType } from '@tutti/contracts';
import { OWN_SOURCE } from './seen-event.js';

/** What Tutti records itself is called so; nothing from outside may pass for it. */
export function isReservedType(type: string): boolean {
  return categoryOfEventType(type) !== null;
}

/** Sources that prove who they are in another way than by the token. */
export function isReservedSource(source: string): boolean {
  return source === OWN_SOURCE || source.startsWith('/hooks/') || source.startsWith('/files/');
}
