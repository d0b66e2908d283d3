import { readMember } from './read-member.js';
import { ANY, typeOfSchema, type SchemaType } from './schema-type.js';

/** What expressions at one place can read, as far as schemas say. */
export interface TypeScope {
  readonly inputs: SchemaType;
  /** Output of a step as expressions see it: of a fan-out the list. */
  readonly outputOf: (step: string) => SchemaType;
  /** Present in a fan-out. */
  readonly item?: SchemaType;
  /** A group without `with` gets more than the inputs out here: the item, what was before, the error. */
  readonly isExtended?: boolean;
  /** Present at a gate. */
  readonly output?: SchemaType;
  /** What always(), success() and failure() give, by their names; present at a condition. */
  readonly outcome?: Readonly<Record<string, SchemaType>>;
}

export interface PathRead {
  readonly type: SchemaType;
  /** What the path reads that can never be there. */
  readonly problem: string | null;
}

const INDEX = typeOfSchema({ type: 'integer', minimum: 0 });

/** Walks names from the top, as `steps.draft.output.title`. */
export function readPath(names: readonly string[], scope: TypeScope): PathRead {
  const start = startOf(names, scope);
  if (start === null) return { type: ANY, problem: null };
  let { type } = start;
  for (let at = start.length; at < names.length; at++) {
    const read = readMember(type, names[at] ?? '');
    if ('missing' in read) return { type: ANY, problem: `${names.slice(0, at).join('.')} ${read.missing}` };
    ({ type } = read);
  }
  return { type, problem: null };
}

/** The type that is known from outside, and how many names lead there. */
function startOf(names: readonly string[], scope: TypeScope): { readonly type: SchemaType; readonly length: number } | null {
  const [root, step, part] = names;
  switch (root) {
    case 'inputs':
      return { type: scope.inputs, length: 1 };
    case 'steps':
      return step === undefined || part !== 'output' ? null : { type: scope.outputOf(step), length: 3 };
    case 'item':
      return scope.item === undefined ? null : { type: scope.item, length: 1 };
    case 'index':
      return scope.item === undefined ? null : { type: INDEX, length: 1 };
    case 'output':
      return scope.output === undefined ? null : { type: scope.output, length: 1 };
    default:
      return null;
  }
}
