import { Fieldset, Select, Stack } from '@mantine/core';
import { draftOf } from './draft.js';
import { Described, Part, SchemaForm, type PartProps } from './schema-form.js';
import type { SchemaNode } from './schema-node.js';

/** One of several kinds of value. */
export function VariantsInput(props: Omit<PartProps, 'node'> & { readonly node: SchemaNode & { readonly kind: 'variants' } }) {
  const { node, draft, isRequired, path, problems, onChange } = props;
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
        {chosen?.kind === 'group' && <SchemaForm node={chosen} draft={inner} path={path} problems={problems} onChange={change} />}
        {chosen !== undefined && chosen.kind !== 'group' && (
          <Part node={chosen} draft={inner} isRequired={isRequired} path={path} problems={problems} onChange={change} />
        )}
      </Stack>
    </Fieldset>
  );
}
