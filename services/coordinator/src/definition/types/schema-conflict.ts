import { bounded } from './bounded.js';
import { basicTypesOf } from './basic-types.js';
import { isEmpty, listedValues } from './schema-empty.js';
import { memberType, requiredMembers } from './schema-members.js';
import { describeType } from './schema-words.js';
import { flatten, type SchemaType } from './schema-type.js';

interface Conflict {
  /** Like `.title.text`; empty for the whole. */
  readonly at: string;
  readonly found: string;
  readonly expected: string;
}

const MAX_DEPTH = 8;
/** Parts of schemas looked at for one answer. */
const MAX_PARTS = 20_000;

/** Why no value of the source is one of the target, said of the innermost member that shows it; null where one may be. */
export function conflictOf(source: SchemaType, target: SchemaType): Conflict | null {
  return bounded(MAX_PARTS, null, () => conflictAt(source, target, 0));
}

function conflictAt(source: SchemaType, target: SchemaType, depth: number): Conflict | null {
  const both = [...source, ...target];
  if (!isEmpty(both)) return null;
  return (depth < MAX_DEPTH ? conflictOfMember(source, target, depth) : null) ?? describe(source, target);
}

function conflictOfMember(source: SchemaType, target: SchemaType, depth: number): Conflict | null {
  const both = flatten([...source, ...target]);
  const from = flatten(source);
  const to = flatten(target);
  if (listedValues(both) !== null || ![from, to].every((flat) => basicTypesOf(flat).types.has('object'))) return null;
  for (const name of requiredMembers(both)) {
    const found = conflictAt(memberType(from, name), memberType(to, name), depth + 1);
    if (found === null) continue;
    const at = `.${name}${found.at}`;
    if (found.at === '' && isEmpty(memberType(to, name)))
      return { at, found: describeType(memberType(from, name)), expected: 'nothing there' };
    if (found.at === '' && isEmpty(memberType(from, name))) return { at, found: 'never there', expected: found.expected };
    return { ...found, at };
  }
  return null;
}

function describe(source: SchemaType, target: SchemaType): Conflict {
  return { at: '', found: describeType(source), expected: describeType(target) };
}
