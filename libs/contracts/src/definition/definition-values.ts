import { z } from 'zod';
import { jsonValue } from '../events/shared-schemas.js';
import { DURATION_PATTERN } from './duration.js';

export const id = z
  .string()
  .regex(/^[a-zA-Z][a-zA-Z0-9_-]*$/, 'expected letters, digits, "-" and "_", beginning with a letter')
  .max(100);

export const workflowName = z
  .string()
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'expected lower-case words with hyphens, like "order-review"')
  .max(100);

export const capability = z
  .string()
  .regex(/^[a-z0-9]+([.-][a-z0-9]+)*$/, 'expected dotted lower-case words, like "architecture.context"')
  .max(200);

export const duration = z.string().regex(new RegExp(DURATION_PATTERN), 'expected a duration like "500ms", "30s", "5m", "2h" or "7d"');

export const expression = z
  .string()
  .regex(/^\s*\$\{\{[\s\S]*\}\}\s*$/, 'expected one expression: "${{ … }}"')
  .describe('A JSONata expression between ${{ and }}.');

export const jsonSchema = z.record(z.string(), jsonValue).describe('A JSON Schema (2020-12).');

/** Values whose texts may contain expressions. */
export const templates = z.record(z.string(), jsonValue);
