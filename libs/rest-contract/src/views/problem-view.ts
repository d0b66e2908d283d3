import { ERROR_CODES } from '@tutti/kernel';
import { z } from 'zod';

/** RFC 9457 with Tutti's members. */
export const problemView = z
  .object({
    type: z.string().meta({ format: 'uri' }),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    /** A newer server may have codes that this version does not know. */
    code: z.string().meta({ enum: Object.keys(ERROR_CODES) }),
    /** Whether the same request may do better later. */
    retryable: z.boolean(),
    details: z.unknown().optional(),
    /** Names this one occurrence, in the log, too. */
    instance: z.string().meta({ format: 'uri' }).optional(),
  })
  .meta({
    id: 'Problem',
    description: 'A problem as RFC 9457 has it. `code` keeps its meaning for ever: programs go by it.',
    examples: [
      {
        type: 'https://tutti.dev/errors/RUN_NOT_FOUND',
        title: 'There is no such run',
        status: 404,
        detail: 'there is no run "r-1"',
        code: 'RUN_NOT_FOUND',
        retryable: false,
        instance: 'urn:uuid:01890a5d-ac96-774b-bcce-b302099a8057',
      },
    ],
  });
