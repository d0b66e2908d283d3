import { Group, Modal, Stack, Table, Text, Title } from '@mantine/core';

const KEYS: readonly (readonly [string, readonly (readonly [string, string])[]])[] = [
  [
    'Everywhere',
    [
      ['Ctrl K', 'Go to a page, a workflow or a run'],
      ['g r', 'Runs'],
      ['g a', 'Approvals'],
      ['g w', 'Workflows'],
      ['g s', 'Schedules'],
      ['g e', 'Agents'],
      ['?', 'This list'],
      ['Esc', 'Close what is open'],
    ],
  ],
  [
    'Lists',
    [
      ['j', 'Next row'],
      ['k', 'Row before'],
      ['Enter', 'Open the row'],
      ['/', 'Search'],
    ],
  ],
  [
    'A run',
    [
      ['1 … 4', 'Steps, timeline, events, values'],
      ['u', 'Up: to the run above, or the list'],
    ],
  ],
];

/** Every shortcut there is. */
export function ShortcutHelp({ onClose }: { readonly onClose: () => void }) {
  return (
    <Modal opened onClose={onClose} title="Keyboard" centered closeButtonProps={{ 'aria-label': 'Close' }}>
      <Stack gap="md">
        {KEYS.map(([where, keys]) => (
          <div key={where}>
            <Title order={3} size="h6" mb={4}>
              {where}
            </Title>
            <Table aria-label={where} verticalSpacing={4} withRowBorders={false}>
              <Table.Tbody>
                {keys.map(([press, does]) => (
                  <Table.Tr key={press}>
                    <Table.Td w={96} px={0}>
                      <Group gap={4}>
                        {press.split(' ').map((key) => (key === '…' ? <span key={key}>…</span> : <kbd key={key}>{key}</kbd>))}
                      </Group>
                    </Table.Td>
                    <Table.Td>
                      <Text size="sm">{does}</Text>
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </div>
        ))}
      </Stack>
    </Modal>
  );
}
