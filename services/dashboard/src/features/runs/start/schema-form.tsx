import { Checkbox, JsonInput, NumberInput, Select, Stack, TagsInput, Textarea, TextInput } from '@mantine/core';
import type { Field, FieldValue, FieldValues } from './schema-fields.js';

interface SchemaFormProps {
  readonly fields: readonly Field[];
  readonly values: FieldValues;
  readonly problems: Readonly<Record<string, string>>;
  readonly onChange: (values: FieldValues) => void;
}

export function SchemaForm({ fields, values, problems, onChange }: SchemaFormProps) {
  return (
    <Stack gap="md">
      {fields.map((field) => (
        <FieldInput
          key={field.name}
          field={field}
          value={values[field.name] ?? field.initial}
          problem={problems[field.name]}
          onChange={(value) => onChange({ ...values, [field.name]: value })}
        />
      ))}
    </Stack>
  );
}

interface FieldInputProps {
  readonly field: Field;
  readonly value: FieldValue;
  readonly problem: string | undefined;
  readonly onChange: (value: FieldValue) => void;
}

function FieldInput({ field, value, problem, onChange }: FieldInputProps) {
  const { kind, label, description, isRequired: required, minimum, maximum, choices } = field;
  const shared = { label, description, required, error: problem ?? null };
  const text = typeof value === 'string' ? value : '';
  switch (kind) {
    case 'line':
      return <TextInput {...shared} value={text} onChange={(event) => onChange(event.currentTarget.value)} />;
    case 'text':
      return (
        <Textarea {...shared} value={text} autosize minRows={2} maxRows={16} onChange={(event) => onChange(event.currentTarget.value)} />
      );
    case 'number':
    case 'integer':
      return (
        <NumberInput
          {...shared}
          value={text}
          allowDecimal={kind === 'number'}
          {...(minimum === undefined ? {} : { min: minimum })}
          {...(maximum === undefined ? {} : { max: maximum })}
          clampBehavior="none"
          onChange={(number) => onChange(String(number))}
        />
      );
    case 'flag':
      return (
        <Checkbox
          label={label}
          description={description}
          error={problem ?? null}
          checked={value === true}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      );
    case 'choice':
      return (
        <Select
          {...shared}
          data={[...choices]}
          clearable={!required}
          value={text === '' ? null : text}
          onChange={(choice) => onChange(choice ?? '')}
        />
      );
    case 'texts':
      return (
        <TagsInput
          {...shared}
          placeholder="Add with Enter"
          value={Array.isArray(value) ? [...(value as readonly string[])] : []}
          onChange={onChange}
        />
      );
    case 'json':
      return (
        <JsonInput
          {...shared}
          label={`${label}, as JSON`}
          value={text}
          autosize
          minRows={3}
          maxRows={20}
          formatOnBlur
          onChange={onChange}
        />
      );
  }
}
