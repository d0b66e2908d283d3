import { Button, Tooltip, type ButtonProps } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'react-router';

interface ActionButtonProps extends Omit<ButtonProps, 'disabled'> {
  /** Why it is not to be had; null when it is. */
  readonly refusal: string | null;
  readonly onClick?: () => void;
  /** For a button that goes somewhere. */
  readonly to?: string;
  readonly type?: 'submit' | 'button';
  readonly 'aria-label'?: string;
  readonly children: ReactNode;
}

/** A button that says why it does nothing: it keeps the focus, so that everybody gets to know. */
export function ActionButton({ refusal, onClick, to, ...look }: ActionButtonProps) {
  if (refusal === null) {
    if (to !== undefined) return <Button component={Link} to={to} {...look} />;
    return <Button {...look} {...(onClick === undefined ? {} : { onClick })} />;
  }
  return (
    <Tooltip label={refusal} events={{ hover: true, focus: true, touch: true }}>
      <Button {...look} data-disabled aria-disabled onClick={(event) => event.preventDefault()} />
    </Tooltip>
  );
}
