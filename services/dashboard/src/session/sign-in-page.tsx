import { Alert, Button, Center, Code, Group, Paper, PasswordInput, Stack, Text, Title } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { IconInfoCircle } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { ApiError } from '../api/problem.js';
import { CommandText } from '../ui/command-text.js';
import { ProblemAlert } from '../ui/problem-alert.js';
import { SECRET_PATTERN } from './session.js';

interface SignInPageProps {
  readonly why: 'none' | 'over' | 'out';
  /** What went wrong before, if something did. */
  readonly error: unknown;
  readonly onSignIn: (secret: string) => Promise<void>;
}

/** Takes a token or key for a session. The address stays, so that whoever signs in is where they wanted to be. */
export function SignInPage({ why, error, onSignIn }: SignInPageProps) {
  const [secret, setSecret] = useState('');
  const [wrong, setWrong] = useState<string | null>(null);
  const signIn = useMutation({ mutationFn: onSignIn });
  useEffect(() => {
    document.title = 'Sign in · Tutti';
  }, []);
  const submit = (): void => {
    const text = secret.trim();
    if (SECRET_PATTERN.test(text)) signIn.mutate(text);
    else setWrong('A token or key has at least 16 characters and no spaces.');
  };
  const failure: unknown = signIn.error ?? (signIn.isIdle ? error : undefined);
  return (
    <Center component="main" mih="100dvh" p="md">
      <Paper withBorder p="xl" radius="md" w="100%" maw={420}>
        <Stack
          component="form"
          gap="md"
          onSubmit={(event) => {
            event.preventDefault();
            submit();
          }}
        >
          <Group gap="sm">
            <img src="/icon.svg" alt="" width={28} height={28} />
            <Title order={1}>Sign in to Tutti</Title>
          </Group>
          {why !== 'none' && signIn.isIdle && (
            <Alert variant="light" color="indigo" icon={<IconInfoCircle aria-hidden />} role="status">
              {why === 'over' ? 'Your session is over. Sign in to go on where you were.' : 'You are signed out.'}
            </Alert>
          )}
          {failure !== undefined && failure !== null && <Refused error={failure} />}
          <PasswordInput
            label="Token or API key"
            autoComplete="off"
            data-autofocus
            value={secret}
            error={wrong}
            visibilityToggleButtonProps={{ 'aria-label': 'Show what is typed' }}
            onChange={(event) => {
              setSecret(event.currentTarget.value);
              setWrong(null);
            }}
          />
          <Button type="submit" loading={signIn.isPending} fullWidth>
            Sign in
          </Button>
          <Stack gap={4}>
            <Text size="xs" c="dimmed">
              On the machine where Tutti runs, <Code>tutti up</Code> prints an address that signs you in. The token is in the data folder:
            </Text>
            <CommandText command="cat .tutti/token" />
            <Text size="xs" c="dimmed" mt={4}>
              Anybody else gets a key of their own from an administrator: <Code>tutti key create</Code>.
            </Text>
          </Stack>
        </Stack>
      </Paper>
    </Center>
  );
}

function Refused({ error }: { readonly error: unknown }) {
  if (!(error instanceof ApiError) || !error.isUnauthenticated) return <ProblemAlert error={error} />;
  return (
    <Alert variant="outline" color="red" role="alert" title="That does not hold">
      It may be of another installation, revoked, or expired.
    </Alert>
  );
}
