import { ActionIcon, CopyButton, Group, Text, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { shortId } from './format.js';
import classes from './copy-text.module.css';

interface CopyIconProps {
  readonly value: string;
  /** What is copied, in words. */
  readonly label: string;
  readonly className?: string;
}

export function CopyIcon({ value, label, className }: CopyIconProps) {
  return (
    <CopyButton value={value}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? 'Copied' : `Copy ${label}`}>
          <ActionIcon
            variant="subtle"
            color="gray"
            size="sm"
            className={className ?? ''}
            aria-label={copied ? 'Copied' : `Copy ${label}`}
            onClick={copy}
          >
            {copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  );
}

interface IdProps {
  readonly id: string;
  readonly label: string;
  /** Only its end, which tells it apart. */
  readonly isShort?: boolean;
}

/** An id to read, and to copy whole. */
export function Id({ id, label, isShort = false }: IdProps) {
  return (
    <Group gap={2} wrap="nowrap" component="span" className={classes['id']}>
      <Text span size="xs" ff="monospace" c="dimmed" title={id} className={isShort ? classes['short'] : classes['text']} data-run-id>
        {isShort ? shortId(id) : id}
      </Text>
      <CopyIcon value={id} label={label} className={classes['icon'] ?? ''} />
    </Group>
  );
}
