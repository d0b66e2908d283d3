import { isJsonObject } from '@tutti/kernel';
import type { Expression } from '../../expressions/expression.js';
import type { Template } from '../../expressions/template.js';
import { conflictOf } from './schema-conflict.js';
import { isEmpty } from './schema-empty.js';
import { memberType, namedMembers, requiredMembers } from './schema-members.js';
import { flatten, typeOfSchema, typeOfValue, type SchemaType } from './schema-type.js';
import { orList } from './schema-words.js';

type Path = readonly (string | number)[];

export interface TemplateConflict {
  /** Inside the template. */
  readonly path: Path;
  /** Expression that gives what does not fit; null for what stands there as it is. */
  readonly source: string | null;
  readonly message: string;
}

const TEXT = typeOfSchema({ type: 'string' });

/** The type of what the template is filled in to. Members whose expression may give nothing may be missing. */
export function typeOfTemplate(template: Template, typeOf: (expression: Expression) => SchemaType): SchemaType {
  switch (template.kind) {
    case 'constant':
      return typeOfValue(template.value);
    case 'expression':
      return typeOf(template.expression);
    case 'text':
      return TEXT;
    case 'list':
      return typeOfSchema({ type: 'array', minItems: template.items.length, maxItems: template.items.length });
    case 'object':
      return [
        {
          kind: 'record',
          members: new Map(template.members.map(([name, member]) => [name, typeOfTemplate(member, typeOf)])),
          required: new Set(template.members.filter(([, member]) => member.kind !== 'expression').map(([name]) => name)),
        },
      ];
  }
}

/** Where what the template gives can never be what is expected of it, whatever its expressions give. */
export function templateConflicts(
  template: Template,
  expected: SchemaType,
  typeOf: (expression: Expression) => SchemaType,
  path: Path = [],
): readonly TemplateConflict[] {
  const members = membersOf(template);
  if (members !== null) {
    const found = memberConflicts(members, expected, typeOf, path);
    if (found.length > 0) return found;
  }
  const conflict = conflictOf(typeOfTemplate(template, typeOf), expected);
  if (conflict === null) return [];
  const source = template.kind === 'expression' ? template.expression.source : null;
  return [
    { path, source, message: `${conflict.at === '' ? '' : `${conflict.at.slice(1)} `}is ${conflict.found}, expected ${conflict.expected}` },
  ];
}

type Members = readonly (readonly [string, Template])[];

function membersOf(template: Template): Members | null {
  if (template.kind === 'object') return template.members;
  if (template.kind !== 'constant' || !isJsonObject(template.value)) return null;
  return Object.entries(template.value).map(([name, value]) => [name, { kind: 'constant', value }]);
}

function memberConflicts(
  members: Members,
  expected: SchemaType,
  typeOf: (expression: Expression) => SchemaType,
  path: Path,
): readonly TemplateConflict[] {
  const flat = flatten(expected);
  const given = new Set(members.map(([name]) => name));
  const missing = [...requiredMembers(flat)].filter((name) => !given.has(name));
  const named = namedMembers(flat);
  return [
    ...missing.map((name) => ({ path, source: null, message: `"${name}" is missing; it is required` })),
    ...members.flatMap(([name, member]) => {
      const type = memberType(flat, name);
      if (!isEmpty(type)) return templateConflicts(member, type, typeOf, [...path, name]);
      const allowed = named.filter((other) => other !== name);
      const instead = allowed.length === 0 ? 'nothing is taken' : `expected ${orList(allowed)}`;
      return [{ path: [...path, name], source: null, message: `"${name}" is not taken; ${instead}` }];
    }),
  ];
}
