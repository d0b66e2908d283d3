import { Button, Text } from '@mantine/core';
import { useState } from 'react';

const SHORT = 280;

/** What went wrong, in its own words: long ones are cut until somebody wants them whole. */
export function ErrorText({ message }: { readonly message: string }) {
  const [isWhole, setIsWhole] = useState(false);
  const isLong = message.length > SHORT;
  return (
    <>
      <Text size="sm" style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }}>
        {isLong && !isWhole ? `${message.slice(0, SHORT).trimEnd()}…` : message}
      </Text>
      {isLong && (
        <Button variant="subtle" color="gray" size="compact-xs" mt={4} aria-expanded={isWhole} onClick={() => setIsWhole(!isWhole)}>
          {isWhole ? 'Show less' : `Show all ${message.length} characters`}
        </Button>
      )}
    </>
  );
}
