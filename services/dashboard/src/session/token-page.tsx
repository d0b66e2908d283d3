import { Alert, Button, Code, Container, Paper, PasswordInput, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { DEFAULT_ACTOR, TOKEN_PATTERN } from './session.js';

interface TokenPageProps {
  /** There was one, and the gateway did not take it. */
  readonly wasRefused: boolean;
  readonly onToken: (token: string, actor: string) => void;
}

export function TokenPage({ wasRefused, onToken }: TokenPageProps) {
  const [token, setToken] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const take = (): void => {
    const text = token.trim();
    if (TOKEN_PATTERN.test(text)) onToken(text, DEFAULT_ACTOR);
    else setProblem('A token has 16 to 200 letters, digits, dots, hyphens, underscores or tildes.');
  };
  return (
    <Container size="xs" py={{ base: 'xl', sm: 80 }} component="main">
      <Paper withBorder p="xl" radius="md">
        <Stack
          component="form"
          gap="md"
          onSubmit={(event) => {
            event.preventDefault();
            take();
          }}
        >
          <Title order={1} size="h3">
            Tutti needs its token
          </Title>
          {wasRefused && (
            <Alert color="red" variant="outline" title="The token does not hold" role="alert">
              The gateway did not take the token of this tab. It may be that of another installation.
            </Alert>
          )}
          <Text size="sm">
            Open the address that <Code>tutti up</Code> prints when it is ready, the one that ends in <Code>/#token=…</Code>. It opens this
            page with the token, which this tab then keeps until it is closed.
          </Text>
          <Text size="sm">
            Or put the token in here. It is in the file <Code>token</Code> of the data folder, which is <Code>.tutti</Code> unless you named
            another.
          </Text>
          <PasswordInput
            label="Token"
            autoComplete="off"
            value={token}
            error={problem}
            visibilityToggleButtonProps={{ 'aria-label': 'Show the token' }}
            onChange={(event) => {
              setToken(event.currentTarget.value);
              setProblem(null);
            }}
          />
          <Button type="submit">Open</Button>
        </Stack>
      </Paper>
    </Container>
  );
}
