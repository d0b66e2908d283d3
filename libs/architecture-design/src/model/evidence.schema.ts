import { z } from 'zod';

/** Words of the input with the 1-based lines they stand on. `text` is an extract, never a paraphrase. */
export const evidenceSchema = z.object({
  text: z.string(),
  from: z.number().int().min(1),
  to: z.number().int().min(1),
});

export type Evidence = z.infer<typeof evidenceSchema>;

/** A 1-based, inclusive range of input lines. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A concept named by the input: the name is made of the input's own words, the evidence shows where. */
export const namedSchema = z.object({
  name: z.string().min(1),
  evidence: z.array(evidenceSchema).min(1),
});

export type Named = z.infer<typeof namedSchema>;

export const documentSchema = z.object({
  path: z.string().min(1),
  mediaType: z.literal('text/markdown'),
  content: z.string(),
});

/** One file of the result, as the workflow hands it out. */
export type DocumentFile = z.infer<typeof documentSchema>;
