import { Fieldset, Select, Stack } from '@mantine/core';
import { draftOf } from './draft.js';
import { Described } from './described.js';
import type { PartProps, RenderPart } from './part-props.js';
import type { SchemaNode } from './schema-node.js';

interface VariantsInputProps extends Omit<PartProps, 'node'> {
  readonly node: SchemaNode & { readonly kind: 'variants' };
  readonly render: RenderPart;
  /** The members of a group without a frame of their own. */
  readonly renderMembers: RenderPart;
}

/** One of several kinds of value. */
export function VariantsInput(props: VariantsInputProps) {
  const { node, draft, isRequired, path, problems, onChange, render, renderMembers } = props;
  const { variant, draft: inner } = typeof draft === 'object' && 'variant' in draft ? draft : { variant: 0, draft: '' };
  const chosen = node.variants[variant];
  const change = (next: typeof inner): void => onChange({ variant, draft: next });
  return (
    <Fieldset legend={isRequired ? `${node.label} *` : node.label} radius="md">
      <Described text={node.description} problem={chosen?.kind === 'group' ? problems[path] : undefined} />
      <Stack gap="sm">
        <Select
          label="Kind"
          maw={320}
          allowDeselect={false}
          data={node.variants.map(({ label }, index) => ({ value: String(index), label }))}
          value={String(variant)}
          onChange={(value) => {
            const index = Number(value ?? 0);
            const next = node.variants[index];
            if (next !== undefined) onChange({ variant: index, draft: draftOf(next) });
          }}
        />
        {chosen !== undefined &&
          (chosen.kind === 'group' ? renderMembers : render)({ node: chosen, draft: inner, isRequired, path, problems, onChange: change })}
      </Stack>
    </Fieldset>
  );
}
