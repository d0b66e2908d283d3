/** Thrown by {@link spend} inside of {@link bounded}, and never seen outside. */
class SpentError extends Error {}

let left = Infinity;

/**
 * Does something that looks at no more than so many parts of schemas, and gives `otherwise` where that does not do: references and alternatives
 * multiply without end. Synchronous; inside of another one it has at most what that has left.
 */
export function bounded<T>(parts: number, otherwise: T, action: () => T): T {
  const outer = left;
  const own = Math.min(parts, outer);
  left = own;
  try {
    return action();
  } catch (error) {
    // What ran out may be the outer one's.
    if (!(error instanceof SpentError) || own === outer) throw error;
    return otherwise;
  } finally {
    left = outer - (own - left);
  }
}

/** One more part of a schema is looked at. */
export function spend(): void {
  if (--left < 0) throw new SpentError();
}
