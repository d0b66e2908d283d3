import { stringify } from 'yaml';

export const OUTPUT_FORMATS = ['table', 'json', 'yaml', 'jsonl', 'name'] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];
type DocumentFormat = Exclude<OutputFormat, 'table' | 'name'>;

/** One whole document for a program. */
export function documentText(format: DocumentFormat, value: unknown): string {
  if (format === 'yaml') return stringify(value);
  return format === 'json' ? `${JSON.stringify(value, null, 2)}\n` : `${JSON.stringify(value)}\n`;
}

/** One of many in a stream: a line of JSON, or a YAML document of its own. */
export function streamItemText(format: DocumentFormat, value: unknown): string {
  return format === 'yaml' ? `---\n${stringify(value)}` : `${JSON.stringify(value)}\n`;
}

/** A value as a person reads it: text as it is, anything else as YAML. */
export function readableText(value: unknown): string {
  if (typeof value === 'string') return value;
  return stringify(value ?? null).trimEnd();
}
