import { Button, Group, Modal, Stack, Textarea, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { ProblemAlert } from './problem-alert.js';

interface ConfirmDialogProps {
  readonly title: string;
  /** What will happen. */
  readonly text: string;
  readonly confirm: string;
  readonly isDangerous?: boolean;
  readonly isDisabled?: boolean;
  /** Fields of its own, above the reason. */
  readonly children?: ReactNode;
  readonly withReason?: boolean;
  readonly onConfirm: (reason: string) => Promise<unknown>;
  readonly onClose: () => void;
}

/** Nothing is changed without a second word, and the first button that has the focus is the one that changes nothing. */
export function ConfirmDialog({ title, text, confirm, onConfirm, onClose, children, ...options }: ConfirmDialogProps) {
  const { isDangerous = false, isDisabled = false, withReason = true } = options;
  const [reason, setReason] = useState('');
  const change = useMutation({ mutationFn: () => onConfirm(reason), onSuccess: onClose });
  return (
    <Modal opened onClose={onClose} title={title} centered closeButtonProps={{ 'aria-label': 'Close' }}>
      <Stack
        component="form"
        gap="md"
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate();
        }}
      >
        <Text size="sm">{text}</Text>
        {children}
        {withReason && (
          <Textarea
            label="Reason"
            description="Recorded with it, for those who come after."
            autosize
            minRows={2}
            maxRows={6}
            maxLength={2_000}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
        )}
        {change.isError && <ProblemAlert error={change.error} />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose} data-autofocus>
            Back
          </Button>
          <Button type="submit" color={isDangerous ? 'red' : 'indigo'} loading={change.isPending} disabled={isDisabled}>
            {confirm}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
