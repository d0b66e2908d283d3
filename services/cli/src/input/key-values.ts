import { usageFailure } from '../failure/failure.js';

/** `k=v` pairs, each key once. @throws Failure USAGE naming the flag */
export function keyValues(flag: string, pairs: readonly string[]): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    if (at <= 0) throw usageFailure(`${flag} expects key=value, found "${pair}"`);
    const key = pair.slice(0, at);
    if (values.has(key)) throw usageFailure(`${flag} gives "${key}" twice`);
    values.set(key, pair.slice(at + 1));
  }
  return values;
}
