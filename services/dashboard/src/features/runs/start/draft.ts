import { asSchema, type SchemaNode } from './schema-node.js';

/** What somebody has put into the form: texts as they are typed, in the shape of the schema. */
export type Draft =
  | string
  | boolean
  | readonly string[]
  | { readonly items: readonly { readonly key: number; readonly draft: Draft }[] }
  | { readonly members: Readonly<Record<string, Draft>>; readonly rest: Readonly<Record<string, unknown>> }
  | { readonly variant: number; readonly draft: Draft };

/** The draft of a value: what the form has no field for is kept beside it, so that nothing is lost on the way from JSON and back. */
export function draftOf(node: SchemaNode, value: unknown = node.initial): Draft {
  switch (node.kind) {
    case 'flag':
      return value === true;
    case 'choice':
      return value === undefined ? '' : JSON.stringify(value);
    case 'choices':
      return Array.isArray(value) ? value.map((one) => JSON.stringify(one)) : [];
    case 'texts':
      return Array.isArray(value) ? value.map(String) : [];
    case 'list':
      return {
        items: (Array.isArray(value) ? (value as readonly unknown[]) : []).map((one, key) => ({ key, draft: draftOf(node.item, one) })),
      };
    case 'group':
      return groupDraft(node, value);
    case 'variants': {
      const variant = Math.max(
        0,
        node.variants.findIndex((one) => value !== undefined && seemsLike(one, value)),
      );
      const chosen = node.variants[variant];
      return { variant, draft: chosen === undefined ? '' : draftOf(chosen, value ?? chosen.initial) };
    }
    case 'json':
      return value === undefined ? '' : JSON.stringify(value, null, 2);
    default:
      if (value === undefined || value === null) return '';
      return typeof value === 'string' ? value : JSON.stringify(value);
  }
}

function groupDraft(node: SchemaNode & { readonly kind: 'group' }, value: unknown): Draft {
  const given = asSchema(value);
  const names = new Set(node.members.map(({ name }) => name));
  return {
    members: Object.fromEntries(node.members.map(({ name, node: member }) => [name, draftOf(member, given[name] ?? member.initial)])),
    rest: Object.fromEntries(Object.entries(given).filter(([name]) => !names.has(name))),
  };
}

/** Whether a value is likely one of the variant: an object with its members, or of its kind. */
function seemsLike(variant: SchemaNode, value: unknown): boolean {
  if (variant.kind === 'group') {
    return variant.members.every(({ name, isRequired }) => !isRequired || name in asSchema(value)) && typeof value === 'object';
  }
  if (variant.kind === 'number' || variant.kind === 'integer') return typeof value === 'number';
  if (variant.kind === 'flag') return typeof value === 'boolean';
  if (variant.kind === 'line' || variant.kind === 'text') return typeof value === 'string';
  if (variant.kind === 'choice') return variant.choices.some((choice) => choice.value === JSON.stringify(value));
  return Array.isArray(value) === (variant.kind === 'list' || variant.kind === 'texts' || variant.kind === 'choices');
}
