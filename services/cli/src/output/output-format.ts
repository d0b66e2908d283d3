import { stringify } from 'yaml';

export const OUTPUT_FORMATS = ['table', 'json', 'yaml'] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** One whole document for a program. */
export function documentText(format: Exclude<OutputFormat, 'table'>, value: unknown): string {
  return format === 'json' ? `${JSON.stringify(value, null, 2)}\n` : stringify(value);
}

/** One of many in a stream: a line of NDJSON, or a YAML document of its own. */
export function streamItemText(format: Exclude<OutputFormat, 'table'>, value: unknown): string {
  return format === 'json' ? `${JSON.stringify(value)}\n` : `---\n${stringify(value)}`;
}

/** A value as a person reads it: text as it is, anything else as YAML. */
export function readableText(value: unknown): string {
  if (typeof value === 'string') return value;
  return stringify(value ?? null).trimEnd();
}
