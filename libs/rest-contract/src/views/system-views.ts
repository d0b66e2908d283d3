import { z } from 'zod';
import { flag, text, texts } from './view-values.js';

export const healthView = z.object({ status: z.enum(['ok', 'unavailable']), reasons: texts }).meta({ id: 'Health' });
export const serverVersion = z.object({ name: z.literal('tutti'), version: text, node: text }).meta({ id: 'Version' });
export const doctorCheck = z
  .object({ name: z.string(), status: z.enum(['ok', 'warning', 'failed']), detail: text })
  .meta({ id: 'DoctorCheck' });
export const errorCodeView = z
  .object({ code: z.string(), kind: z.string(), http: z.int(), retryable: flag, title: text })
  .meta({ id: 'ErrorCode' });

export type DoctorCheckView = Readonly<z.infer<typeof doctorCheck>>;
