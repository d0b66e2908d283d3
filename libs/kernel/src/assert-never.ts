/** Closes an exhaustive switch: the compiler rejects a missing case, and a value from outside the union fails loudly. */
export function assertNever(value: never, what: string): never {
  throw new Error(`unexpected ${what}: ${JSON.stringify(value)}`);
}
