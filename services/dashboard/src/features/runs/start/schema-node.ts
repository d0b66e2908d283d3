/** What a part of a JSON Schema asks for, as the form shows it. */
export type SchemaNode = NodeBase &
  (
    | { readonly kind: 'line' | 'text'; readonly inputType: 'text' | 'date' | 'datetime-local' | 'time' | 'email' | 'url' }
    | { readonly kind: 'number' | 'integer' }
    | { readonly kind: 'flag' }
    | { readonly kind: 'choice'; readonly choices: readonly Choice[] }
    | { readonly kind: 'choices'; readonly choices: readonly Choice[] }
    | { readonly kind: 'texts' }
    | { readonly kind: 'list'; readonly item: SchemaNode }
    | { readonly kind: 'group'; readonly members: readonly Member[] }
    | { readonly kind: 'variants'; readonly variants: readonly SchemaNode[] }
    | { readonly kind: 'json' }
  );

interface NodeBase {
  readonly label: string;
  readonly description: string;
  /** What the form begins with; undefined for nothing. */
  readonly initial: unknown;
  /** The schema itself, for what is checked of a value. */
  readonly schema: Schema;
}

export interface Member {
  readonly name: string;
  readonly isRequired: boolean;
  readonly node: SchemaNode;
}

/** A value to choose, by its JSON text. */
export interface Choice {
  readonly value: string;
  readonly label: string;
}

export type Schema = Readonly<Record<string, unknown>>;

const LINE_LENGTH = 120;
const DEEPEST = 8;
const INPUT_TYPES: Readonly<Record<string, 'date' | 'time' | 'email' | 'url'>> = { date: 'date', time: 'time', email: 'email', uri: 'url' };
const LINE_FORMATS = ['date-time', 'uuid', 'hostname', 'ipv4', 'ipv6', 'duration', ...Object.keys(INPUT_TYPES)];

/** What the form has no field for becomes JSON. */
export function nodeOf(schema: unknown, label = '', root: Schema = asSchema(schema), depth = 0): SchemaNode {
  const found = resolved(asSchema(schema), root, depth);
  const base: NodeBase = {
    label: typeof found['title'] === 'string' && label !== '' ? found['title'] : label,
    description: typeof found['description'] === 'string' ? found['description'] : '',
    initial: found['default'],
    schema: found,
  };
  if (depth > DEEPEST) return { ...base, kind: 'json' };
  const below = (part: unknown, name: string): SchemaNode => nodeOf(part, name, root, depth + 1);
  const choices = choicesOf(found);
  if (choices !== null) return { ...base, kind: 'choice', choices };
  const variants = variantsOf(found);
  if (variants !== null && found['properties'] === undefined) {
    const named = variants.map((variant, index) => {
      const title = asSchema(resolved(asSchema(variant), root, depth))['title'];
      return below({ title: `Variant ${index + 1}`, ...asSchema(variant) }, typeof title === 'string' ? title : `Variant ${index + 1}`);
    });
    return { ...base, kind: 'variants', variants: named };
  }
  switch (typeOf(found)) {
    case 'string':
      return { ...base, kind: isLine(found) ? 'line' : 'text', inputType: INPUT_TYPES[String(found['format'])] ?? 'text' };
    case 'number':
      return { ...base, kind: 'number' };
    case 'integer':
      return { ...base, kind: 'integer' };
    case 'boolean':
      return { ...base, kind: 'flag' };
    case 'array':
      return listOf(base, found, below);
    case 'object':
      return groupOf(base, found, below);
    default:
      return { ...base, kind: 'json' };
  }
}

function listOf(base: NodeBase, { items, prefixItems }: Schema, below: (part: unknown, name: string) => SchemaNode): SchemaNode {
  if (prefixItems !== undefined || typeof items !== 'object' || items === null) return { ...base, kind: 'json' };
  const item = below(items, '');
  if (item.kind === 'choice') return { ...base, kind: 'choices', choices: item.choices };
  const isPlainText = (item.kind === 'line' || item.kind === 'text') && item.inputType === 'text';
  return isPlainText ? { ...base, kind: 'texts' } : { ...base, kind: 'list', item };
}

function groupOf(base: NodeBase, { properties, required }: Schema, below: (part: unknown, name: string) => SchemaNode): SchemaNode {
  const entries = Object.entries(asSchema(properties));
  if (entries.length === 0) return { ...base, kind: 'json' };
  const needed = Array.isArray(required) ? (required as readonly unknown[]) : [];
  const members = entries.map(([name, part]): Member => ({ name, isRequired: needed.includes(name), node: below(part, name) }));
  return {
    ...base,
    kind: 'group',
    members: [...members.filter(({ isRequired }) => isRequired), ...members.filter((one) => !one.isRequired)],
  };
}

function isLine({ maxLength, format }: Schema): boolean {
  return (typeof maxLength === 'number' && maxLength <= LINE_LENGTH) || LINE_FORMATS.includes(String(format));
}

/** The type, leaving `null` aside: what may be null may be left out of the form. */
function typeOf({ type, properties, items }: Schema): string {
  const types = (Array.isArray(type) ? (type as readonly unknown[]) : [type]).filter((one) => one !== 'null' && one !== undefined);
  if (types.length === 1) return String(types[0]);
  if (types.length > 1) return '';
  if (properties !== undefined) return 'object';
  return items === undefined ? '' : 'array';
}

function choicesOf({ enum: values, const: only }: Schema): readonly Choice[] | null {
  const found = Array.isArray(values) ? (values as readonly unknown[]) : only === undefined ? null : [only];
  if (found === null) return null;
  return found.map((value) => ({ value: JSON.stringify(value), label: typeof value === 'string' ? value : JSON.stringify(value) }));
}

function variantsOf({ oneOf, anyOf }: Schema): readonly unknown[] | null {
  const found = Array.isArray(oneOf) ? oneOf : Array.isArray(anyOf) ? anyOf : null;
  const real = (found as readonly unknown[] | null)?.filter((one) => asSchema(one)['type'] !== 'null') ?? [];
  return real.length === 0 ? null : real;
}

/** Follows `$ref` within the schema, and puts the parts of `allOf` together. */
function resolved(schema: Schema, root: Schema, depth: number): Schema {
  const { $ref: reference, allOf, ...own } = schema;
  const parts = [
    ...(typeof reference === 'string' && depth <= DEEPEST ? [pointedAt(reference, root)] : []),
    ...(Array.isArray(allOf) ? (allOf as readonly unknown[]).map(asSchema) : []),
  ];
  return parts.reduce<Schema>((whole, part) => merged(whole, resolved(part, root, depth + 1)), own);
}

function merged(whole: Schema, part: Schema): Schema {
  const required = [...asList(part['required']), ...asList(whole['required'])];
  const properties = { ...asSchema(part['properties']), ...asSchema(whole['properties']) };
  return {
    ...part,
    ...whole,
    ...(required.length === 0 ? {} : { required }),
    ...(Object.keys(properties).length === 0 ? {} : { properties }),
  };
}

function pointedAt(reference: string, root: Schema): Schema {
  if (!reference.startsWith('#/')) return {};
  const names = reference
    .slice(2)
    .split('/')
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
  return asSchema(names.reduce<unknown>((at, name) => asSchema(at)[name], root));
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}

export function asSchema(value: unknown): Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Schema) : {};
}
