import { Checkbox, MultiSelect, NumberInput, Select, TagsInput, Textarea, TextInput } from '@mantine/core';
import { JsonField } from '../../../ui/json-field.js';
import type { PartProps } from './part-props.js';
import type { SchemaNode } from './schema-node.js';

type Leaf = Exclude<SchemaNode, { readonly kind: 'group' | 'list' | 'variants' }>;

/** A single value. */
export function LeafInput({
  node,
  draft,
  isRequired: required,
  path,
  problems,
  onChange,
}: Omit<PartProps, 'node'> & { readonly node: Leaf }) {
  const { label, description, schema } = node;
  const shared = { label: label === '' ? 'Value' : label, description, required, error: problems[path] ?? null };
  const text = typeof draft === 'string' ? draft : '';
  const texts = Array.isArray(draft) ? [...(draft as readonly string[])] : [];
  switch (node.kind) {
    case 'line':
      return (
        <TextInput
          {...shared}
          type={node.inputType}
          value={text}
          {...(node.inputType === 'text' ? {} : { maw: 320 })}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
    case 'text':
      return (
        <Textarea {...shared} value={text} autosize minRows={2} maxRows={16} onChange={(event) => onChange(event.currentTarget.value)} />
      );
    case 'number':
    case 'integer':
      return (
        <NumberInput
          {...shared}
          maw={320}
          value={text}
          allowDecimal={node.kind === 'number'}
          {...(typeof schema['minimum'] === 'number' ? { min: schema['minimum'] } : {})}
          {...(typeof schema['maximum'] === 'number' ? { max: schema['maximum'] } : {})}
          clampBehavior="none"
          onChange={(number) => onChange(String(number))}
        />
      );
    case 'flag':
      return (
        <Checkbox
          label={shared.label}
          description={description}
          error={shared.error}
          checked={draft === true}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      );
    case 'choice':
      return (
        <Select
          {...shared}
          maw={420}
          data={[...node.choices]}
          clearable={!required}
          clearButtonProps={{ 'aria-label': `Clear ${shared.label}` }}
          value={text === '' ? null : text}
          onChange={(choice) => onChange(choice ?? '')}
        />
      );
    case 'choices':
      return <MultiSelect {...shared} data={[...node.choices]} value={texts} onChange={onChange} />;
    case 'texts':
      return <TagsInput {...shared} placeholder={texts.length === 0 ? 'Add each with Enter' : ''} value={texts} onChange={onChange} />;
    case 'json':
      return (
        <JsonField
          label={`${shared.label}, as JSON${required ? ' *' : ''}`}
          description={description}
          value={text}
          onChange={onChange}
          error={shared.error}
          isOptional
          minRows={3}
        />
      );
  }
}
