import { Code, Group, Table, Text } from '@mantine/core';
import { discardDeadLetter, replayDeadLetter, type DeadLetterView } from '@tutti/rest-contract';
import { IconMailCheck, IconRefresh, IconTrash } from '@tabler/icons-react';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useHttp } from '../../api/http-context.js';
import { queries } from '../../api/queries.js';
import { useRefusal } from '../../session/use-may.js';
import { ActionButton } from '../../ui/action-button.js';
import { CommandText } from '../../ui/command-text.js';
import { ConfirmDialog } from '../../ui/confirm-dialog.js';
import { EmptyState } from '../../ui/empty-state.js';
import { ErrorText } from '../../ui/error-text.js';
import { counted } from '../../ui/format.js';
import { LoadState, MoreButton } from '../../ui/load-state.js';
import { PageHeader } from '../../ui/page-header.js';
import classes from '../../ui/table.module.css';
import { Time } from '../../ui/time.js';

type Letter = Omit<DeadLetterView, 'attempts' | 'payload' | 'traceparent'>;
type Settling = { readonly letter: Letter; readonly isReplay: boolean };

/** Messages that nobody could handle. */
export function DeadLettersPage() {
  const answer = useInfiniteQuery(queries.deadLetters(useHttp()));
  const [settling, setSettling] = useState<Settling | null>(null);
  const letters = answer.data?.pages.flatMap(({ deadLetters }) => deadLetters) ?? [];
  return (
    <>
      <PageHeader title="Dead letters" />
      <LoadState of={answer} />
      {answer.isSuccess && letters.length === 0 && (
        <EmptyState icon={IconMailCheck} title="Every message was handled">
          A message that its receiver refuses again and again is put here, to be handed over once more or forgotten. In a terminal:
          <CommandText command="npx tutti dead-letter list" />
        </EmptyState>
      )}
      {letters.length > 0 && (
        <Table className={`${classes['table']} ${classes['cards']}`} aria-label="Dead letters" verticalSpacing={7}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Message</Table.Th>
              <Table.Th>Error</Table.Th>
              <Table.Th ta="right">When</Table.Th>
              <Table.Th aria-label="Change" />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {letters.map((letter) => (
              <Row key={letter.id} letter={letter} onSettle={(isReplay) => setSettling({ letter, isReplay })} />
            ))}
          </Table.Tbody>
        </Table>
      )}
      <MoreButton {...answer} />
      {settling !== null && <SettleDialog {...settling} onClose={() => setSettling(null)} />}
    </>
  );
}

function Row({ letter, onSettle }: { readonly letter: Letter; readonly onSettle: (isReplay: boolean) => void }) {
  const refusal = useRefusal(replayDeadLetter);
  return (
    <Table.Tr>
      <Table.Td data-cell="name">
        <Text size="sm" fw={600}>
          {letter.type}
        </Text>
        <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
          <Code>{letter.topic}</Code> for {letter.group}, {counted(letter.deliveries, 'delivery', 'deliveries')}
        </Text>
      </Table.Td>
      <Table.Td data-cell="wide" maw={520}>
        <ErrorText message={letter.error} />
      </Table.Td>
      <Table.Td className={classes['end'] ?? ''} data-cell="status">
        <Time at={letter.time} />
      </Table.Td>
      <Table.Td className={classes['end'] ?? ''} data-cell="wide">
        <Group gap={8} justify="flex-end" wrap="nowrap">
          <ActionButton
            size="compact-sm"
            variant="default"
            refusal={refusal}
            leftSection={<IconRefresh size={14} aria-hidden />}
            onClick={() => onSettle(true)}
          >
            Replay
          </ActionButton>
          <ActionButton
            size="compact-sm"
            variant="default"
            refusal={refusal}
            leftSection={<IconTrash size={14} aria-hidden />}
            onClick={() => onSettle(false)}
          >
            Discard
          </ActionButton>
        </Group>
      </Table.Td>
    </Table.Tr>
  );
}

function SettleDialog({ letter, isReplay, onClose }: Settling & { readonly onClose: () => void }) {
  const http = useHttp();
  const client = useQueryClient();
  return (
    <ConfirmDialog
      title={isReplay ? 'Replay the message' : 'Discard the message'}
      text={isReplay ? `It is handed to ${letter.group} once more.` : 'It is forgotten for good.'}
      confirm={isReplay ? 'Replay it' : 'Discard it'}
      isDangerous={!isReplay}
      onConfirm={async (reason) => {
        await http.ask(isReplay ? replayDeadLetter : discardDeadLetter, { params: { id: letter.id }, body: { reason } });
        await client.invalidateQueries({ queryKey: ['dead-letters'] });
      }}
      onClose={onClose}
    />
  );
}
