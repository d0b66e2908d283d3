import { z } from 'zod';

/** One of several things that are wrong in a text or value. */
export interface Problem {
  /** 1-based; 0 when it has none. */
  readonly line: number;
  readonly column: number;
  /** JSON Pointer; empty for the whole. */
  readonly path: string;
  readonly message: string;
}

/** What is missing or of another shape is passed over. */
const problemList = z.object({
  problems: z.array(
    z.union([
      z.object({
        line: z.number().catch(0),
        column: z.number().catch(0),
        path: z.string().catch(''),
        message: z.string(),
      }),
      z.string().transform((message): Problem => ({ line: 0, column: 0, path: '', message })),
    ]),
  ),
});

export function problemsOf(details: unknown): readonly Problem[] {
  return problemList.safeParse(details).data?.problems ?? [];
}
