import { Center } from '@mantine/core';

/** Until it is known who asks. */
export function StartScreen() {
  return (
    <Center mih="100dvh" role="status" aria-label="Loading">
      <img src="/icon.svg" alt="" width={40} height={40} />
    </Center>
  );
}
