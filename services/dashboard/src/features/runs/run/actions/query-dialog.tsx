import { Button, Code, Group, Modal, Select, Stack, Text } from '@mantine/core';
import { queryRun } from '@tutti/rest-contract';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useHttp } from '../../../../api/http-context.js';
import { queries } from '../../../../api/queries.js';
import { LoadState } from '../../../../ui/load-state.js';
import { ProblemAlert } from '../../../../ui/problem-alert.js';
import { ValueView } from '../../../../ui/value-view.js';

interface QueryDialogProps {
  readonly runId: string;
  readonly onClose: () => void;
}

/** Asks the run what its queries come to now. Changes nothing. */
export function QueryDialog({ runId, onClose }: QueryDialogProps) {
  const http = useHttp();
  const known = useQuery(queries.runQueries(http, runId));
  const [chosen, setChosen] = useState<string | null>(null);
  const name = chosen ?? known.data?.[0]?.name ?? '';
  const ask = useMutation({ mutationFn: () => http.ask(queryRun, { params: { id: runId, name }, body: {} }) });
  const expression = known.data?.find((query) => query.name === name)?.expression ?? '';
  return (
    <Modal opened onClose={onClose} title="Query the run" size="lg" centered closeButtonProps={{ 'aria-label': 'Close' }}>
      <Stack gap="md">
        <LoadState of={known} lines={2} />
        {known.data !== undefined && (
          <Group align="flex-end" gap={8}>
            <Select
              label="Query"
              data={known.data.map((query) => query.name)}
              value={name}
              onChange={setChosen}
              allowDeselect={false}
              flex="1 1 12rem"
              data-autofocus
            />
            <Button loading={ask.isPending} disabled={name === ''} onClick={() => ask.mutate()}>
              Ask
            </Button>
          </Group>
        )}
        {expression !== '' && <Code block>{expression}</Code>}
        {ask.isError && <ProblemAlert error={ask.error} />}
        {ask.data !== undefined && (
          <>
            <ValueView value={ask.data.value ?? null} label={`what ${name} comes to`} />
            <Text size="xs" c="dimmed">
              As of position {ask.data.position}
            </Text>
          </>
        )}
      </Stack>
    </Modal>
  );
}
