import { Alert, Button, Code, Group, List, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { fieldProblemsOf, problemOf } from '../api/problem.js';

interface ProblemAlertProps {
  readonly error: unknown;
  readonly onRetry?: () => void;
}

/** An error in the words of the API's problem document, with its code and the id under which the log has it. */
export function ProblemAlert({ error, onRetry }: ProblemAlertProps) {
  const problem = problemOf(error);
  const fields = fieldProblemsOf(problem);
  return (
    <Alert role="alert" variant="outline" color="red" icon={<IconAlertTriangle aria-hidden />} title={problem.title}>
      <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
        {problem.detail}
      </Text>
      {fields.length > 0 && (
        <List size="sm" mt="xs">
          {fields.map(({ path, message }) => (
            <List.Item key={`${path} ${message}`}>
              {path !== '' && <Code>{path}</Code>} {message}
            </List.Item>
          ))}
        </List>
      )}
      <Group gap="sm" mt="xs">
        {problem.code !== '' && <Code>{problem.code}</Code>}
        {problem.instance !== undefined && (
          <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
            {problem.instance}
          </Text>
        )}
        {onRetry !== undefined && (
          <Button size="compact-sm" variant="default" onClick={onRetry}>
            Try again
          </Button>
        )}
      </Group>
    </Alert>
  );
}
