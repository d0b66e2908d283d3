import { ActionIcon, Box, CopyButton, Text, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { byteText } from './format.js';
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
      <CopyButton value={whole}>
        {({ copied, copy }) => (
          <Tooltip label={copied ? 'Copied' : 'Copy'}>
            <ActionIcon className={classes['copy']} variant="default" size="sm" aria-label={`Copy ${label}`} onClick={copy}>
              {copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
            </ActionIcon>
          </Tooltip>
        )}
      </CopyButton>
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

interface StoredViewProps extends JsonViewProps {
  /** `{inline}`, or `{blob, bytes}` for what is too large for an event. */
  readonly value: unknown;
}

/** A value as events hold it. */
export function StoredView({ value, label }: StoredViewProps) {
  const stored = value as { readonly inline?: unknown; readonly blob?: string; readonly bytes?: number };
  if (stored.blob === undefined) return <JsonView value={stored.inline ?? null} label={label} />;
  return (
    <Text size="sm" c="dimmed">
      {byteText(stored.bytes ?? 0)}, kept beside the events under SHA-256 <code className={classes['hash']}>{stored.blob}</code>
    </Text>
  );
}
