import { Fieldset, Stack, Text } from '@mantine/core';
import type { Draft } from './draft.js';
import { LeafInput } from './leaf-input.js';
import { ListInput } from './list-input.js';
import type { SchemaNode } from './schema-node.js';
import { VariantsInput } from './variants-input.js';

export interface PartProps {
  readonly node: SchemaNode;
  readonly draft: Draft;
  readonly isRequired: boolean;
  /** JSON pointer of the value. */
  readonly path: string;
  /** What is wrong, by JSON pointer. */
  readonly problems: Readonly<Record<string, string>>;
  readonly onChange: (draft: Draft) => void;
}

/** The members of an object, each with its field. */
export function SchemaForm({ node, draft, path, problems, onChange }: Omit<PartProps, 'isRequired'>) {
  if (node.kind !== 'group' || typeof draft !== 'object' || !('members' in draft)) return null;
  const rest = Object.keys(draft.rest);
  return (
    <Stack gap="md">
      {node.members.map(({ name, isRequired, node: member }) => (
        <Part
          key={name}
          node={member}
          draft={draft.members[name] ?? ''}
          isRequired={isRequired}
          path={`${path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`}
          problems={problems}
          onChange={(changed) => onChange({ ...draft, members: { ...draft.members, [name]: changed } })}
        />
      ))}
      {rest.length > 0 && (
        <Text size="xs" c="dimmed">
          Kept as JSON: {rest.join(', ')}
        </Text>
      )}
    </Stack>
  );
}

/** Any part of a schema. */
export function Part(props: PartProps) {
  const { node, path, problems, isRequired } = props;
  switch (node.kind) {
    case 'group':
      return (
        <Fieldset legend={isRequired ? `${node.label} *` : node.label} radius="md">
          <Described text={node.description} problem={problems[path]} />
          <SchemaForm {...props} />
        </Fieldset>
      );
    case 'list':
      return <ListInput {...props} node={node} />;
    case 'variants':
      return <VariantsInput {...props} node={node} />;
    default:
      return <LeafInput {...props} node={node} />;
  }
}

export function Described({ text, problem }: { readonly text: string; readonly problem: string | undefined }) {
  return (
    <>
      {text !== '' && (
        <Text size="xs" c="dimmed" mb="xs">
          {text}
        </Text>
      )}
      {problem !== undefined && (
        <Text size="xs" c="var(--mantine-color-error)" mb="xs" role="alert">
          {problem}
        </Text>
      )}
    </>
  );
}
