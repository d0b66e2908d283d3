import { Stack, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useHttp } from '../../../../api/http-context.js';
import { queries } from '../../../../api/queries.js';
import type { Explanation } from '@tutti/rest-contract';
import { LoadState } from '../../../../ui/load-state.js';
import { Status } from '../../../../ui/status.js';

/** Why the step’s tasks went to their agents, or why they wait. */
export function WhyPanel({ runId, step }: { readonly runId: string; readonly step: string }) {
  const answer = useQuery(queries.why(useHttp(), runId, step));
  if (answer.data === undefined) return <LoadState of={answer} />;
  if (answer.data.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        Nothing has been assigned: the step has no task yet, or no agent does its work.
      </Text>
    );
  }
  return (
    <Stack gap="lg">
      {answer.data.map((explanation) => (
        <One key={explanation.task === '' ? explanation.step : explanation.task} explanation={explanation} />
      ))}
    </Stack>
  );
}

function One({ explanation: { task, step, status, capability, summary, candidates } }: { readonly explanation: Explanation }) {
  return (
    <Stack gap={6}>
      <Status status={status} label={`${task === '' ? step : task}${capability === '' ? '' : ` (${capability})`}`} />
      <Text size="sm">{summary}</Text>
      {candidates.length > 0 && (
        <Table.ScrollContainer minWidth={480} type="native" tabIndex={0} role="region" aria-label={`Candidates for ${task}`}>
          <Table aria-label="Candidates" fz="xs">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Agent</Table.Th>
                <Table.Th>Load</Table.Th>
                <Table.Th>Score</Table.Th>
                <Table.Th>Why</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {candidates.map((candidate) => (
                <Table.Tr key={`${candidate.agent} ${candidate.worker}`}>
                  <Table.Td>{candidate.agent}</Table.Td>
                  <Table.Td>
                    {candidate.load} of {candidate.capacity}
                  </Table.Td>
                  <Table.Td>{candidate.score === undefined ? '–' : candidate.score}</Table.Td>
                  <Table.Td>{candidate.reason}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Stack>
  );
}
