import { Code, Group } from '@mantine/core';
import classes from './command-text.module.css';
import { CopyIcon } from './copy-text.js';

/** A command as it is typed in a terminal, to copy. */
export function CommandText({ command }: { readonly command: string }) {
  return (
    <Group gap={4} wrap="nowrap" justify="center" className={classes['line']}>
      <Code className={classes['text'] ?? ''}>{command}</Code>
      <CopyIcon value={command} label="the command" />
    </Group>
  );
}
