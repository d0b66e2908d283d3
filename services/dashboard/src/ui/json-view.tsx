import { Box, Text } from '@mantine/core';
import { CopyIcon } from './copy-text.js';
import classes from './json-view.module.css';

const MAX_CHARACTERS = 100_000;

interface JsonViewProps {
  readonly value: unknown;
  /** What it is, for those who cannot see where it stands. */
  readonly label: string;
}

/** A value as it is, to read and to copy. */
export function JsonView({ value, label }: JsonViewProps) {
  const whole = typeof value === 'string' ? value : (JSON.stringify(value, null, 2) ?? 'null');
  const shown = whole.slice(0, MAX_CHARACTERS);
  return (
    <Box className={classes['frame']}>
      <CopyIcon value={whole} label={label} className={classes['copy'] ?? ''} />
      <pre className={classes['text']} tabIndex={0} role="region" aria-label={label}>
        {shown}
      </pre>
      {shown.length < whole.length && (
        <Text size="xs" c="dimmed" p="xs">
          The first {MAX_CHARACTERS} of {whole.length} characters; copy it to have it whole.
        </Text>
      )}
    </Box>
  );
}
