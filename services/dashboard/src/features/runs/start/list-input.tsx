import { ActionIcon, Button, Fieldset, Group, Stack, Tooltip } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { draftOf } from './draft.js';
import { Described } from './described.js';
import type { PartProps, RenderPart } from './part-props.js';
import type { SchemaNode } from './schema-node.js';

interface ListInputProps extends Omit<PartProps, 'node'> {
  readonly node: SchemaNode & { readonly kind: 'list' };
  readonly render: RenderPart;
}

/** A list of anything but texts: items are added and taken away. */
export function ListInput({ node, draft, isRequired, path, problems, onChange, render }: ListInputProps) {
  const items = typeof draft === 'object' && 'items' in draft ? draft.items : [];
  const nextKey = Math.max(-1, ...items.map(({ key }) => key)) + 1;
  return (
    <Fieldset legend={isRequired ? `${node.label} *` : node.label} radius="md">
      <Described text={node.description} problem={problems[path]} />
      <Stack gap="sm">
        {items.map(({ key, draft: item }, index) => (
          <Group key={key} gap={8} align="flex-start" wrap="nowrap">
            <div style={{ flex: 1, minWidth: 0 }}>
              {render({
                node: { ...node.item, label: `${node.label} ${index + 1}` },
                draft: item,
                isRequired: false,
                path: `${path}/${index}`,
                problems,
                onChange: (changed) => onChange({ items: items.map((one) => (one.key === key ? { key, draft: changed } : one)) }),
              })}
            </div>
            <Tooltip label="Take away">
              <ActionIcon
                variant="subtle"
                color="gray"
                mt={4}
                aria-label={`Take ${node.label} ${index + 1} away`}
                onClick={() => onChange({ items: items.filter((one) => one.key !== key) })}
              >
                <IconTrash size={16} aria-hidden />
              </ActionIcon>
            </Tooltip>
          </Group>
        ))}
        <Button
          variant="default"
          size="xs"
          leftSection={<IconPlus size={14} aria-hidden />}
          style={{ alignSelf: 'flex-start' }}
          onClick={() => onChange({ items: [...items, { key: nextKey, draft: draftOf(node.item) }] })}
        >
          Add to {node.label}
        </Button>
      </Stack>
    </Fieldset>
  );
}
