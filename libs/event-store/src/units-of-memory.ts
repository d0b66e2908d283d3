import type { JsonValue } from '@tutti/kernel';

/** About how much of memory a value takes, in characters. */
export function unitsOf(value: JsonValue): number {
  if (typeof value === 'string') return value.length + 8;
  if (typeof value !== 'object' || value === null) return 8;
  let units = 16;
  if (Array.isArray(value)) for (const item of value as readonly JsonValue[]) units += unitsOf(item);
  else for (const [name, member] of Object.entries(value)) units += name.length + unitsOf(member);
  return units;
}
