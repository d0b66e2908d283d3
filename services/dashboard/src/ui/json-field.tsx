import { JsonInput } from '@mantine/core';
import { isJson } from './json-text.js';

interface JsonFieldProps {
  readonly label: string;
  readonly description?: string;
  readonly value: string;
  readonly onChange: (text: string) => void;
  readonly minRows?: number;
  /** Nothing at all is well, too. */
  readonly isOptional?: boolean;
  /** Beside that it must be JSON. */
  readonly error?: string | null;
}

/** A JSON value as its text. */
export function JsonField({ value, error = null, minRows = 2, isOptional = false, ...field }: JsonFieldProps) {
  return (
    <JsonInput
      {...field}
      value={value}
      error={isJson(value) || (isOptional && value.trim() === '') ? error : 'This is no JSON.'}
      autosize
      minRows={minRows}
      maxRows={24}
      formatOnBlur
      spellCheck={false}
      styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 'var(--mantine-font-size-xs)' } }}
    />
  );
}
