import { Fieldset, Stack, Text } from '@mantine/core';
import { Described } from './described.js';
import { LeafInput } from './leaf-input.js';
import { ListInput } from './list-input.js';
import type { PartProps } from './part-props.js';
import { VariantsInput } from './variants-input.js';

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
      return <ListInput {...props} node={node} render={renderPart} />;
    case 'variants':
      return <VariantsInput {...props} node={node} render={renderPart} renderMembers={renderMembers} />;
    default:
      return <LeafInput {...props} node={node} />;
  }
}

const renderPart = (props: PartProps) => <Part {...props} />;
const renderMembers = (props: PartProps) => <SchemaForm {...props} />;
