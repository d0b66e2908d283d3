/** A field of the form that is made of a workflow's input schema. What the form has no field for is given as JSON. */
export interface Field {
  readonly name: string;
  readonly label: string;
  readonly description: string;
  readonly isRequired: boolean;
  readonly kind: 'line' | 'text' | 'number' | 'integer' | 'flag' | 'choice' | 'texts' | 'json';
  /** Of a choice, as JSON texts. */
  readonly choices: readonly { readonly value: string; readonly label: string }[];
  readonly minimum: number | undefined;
  readonly maximum: number | undefined;
  readonly initial: FieldValue;
}

export type FieldValue = string | boolean | readonly string[];
export type FieldValues = Readonly<Record<string, FieldValue>>;

type Schema = Readonly<Record<string, unknown>>;

const LINE_LENGTH = 120;
const LINE_FORMATS = ['date', 'date-time', 'time', 'email', 'uri', 'uuid', 'hostname', 'ipv4', 'ipv6'];

/** The fields of an object schema, the required ones first; null when it is none with properties: then the inputs are one JSON text. */
export function fieldsOf(schema: unknown): readonly Field[] | null {
  const { type, properties, required } = asSchema(schema);
  if ((type !== undefined && type !== 'object') || typeof properties !== 'object' || properties === null) return null;
  const needed = Array.isArray(required) ? (required as readonly unknown[]) : [];
  const fields = Object.entries(properties as Schema).map(([name, of]) => fieldOf(name, asSchema(of), needed.includes(name)));
  return [...fields.filter(({ isRequired }) => isRequired), ...fields.filter(({ isRequired }) => !isRequired)];
}

export interface Assembled {
  readonly inputs: Readonly<Record<string, unknown>>;
  /** What is wrong, by field; the server has the last word on the rest of the schema. */
  readonly problems: Readonly<Record<string, string>>;
}

/** What the fields hold as the run's inputs. What was left empty is left out. */
export function assemble(fields: readonly Field[], values: FieldValues): Assembled {
  const inputs: Record<string, unknown> = {};
  const problems: Record<string, string> = {};
  for (const field of fields) {
    const value = values[field.name] ?? field.initial;
    if (isEmpty(value)) {
      if (field.isRequired) problems[field.name] = 'This is needed.';
      continue;
    }
    const { read, problem } = readField(field, value);
    if (problem === undefined) inputs[field.name] = read;
    else problems[field.name] = problem;
  }
  return { inputs, problems };
}

export function initialValues(fields: readonly Field[]): FieldValues {
  return Object.fromEntries(fields.map(({ name, initial }) => [name, initial]));
}

function fieldOf(name: string, schema: Schema, isRequired: boolean): Field {
  const kind = kindOf(schema);
  const { title, description, minimum, maximum } = schema;
  return {
    name,
    label: typeof title === 'string' ? title : name,
    description: typeof description === 'string' ? description : '',
    isRequired,
    kind,
    choices: kind === 'choice' ? choicesOf(schema) : [],
    minimum: typeof minimum === 'number' ? minimum : undefined,
    maximum: typeof maximum === 'number' ? maximum : undefined,
    initial: initialOf(kind, schema['default']),
  };
}

function kindOf({ type, enum: choices, const: only, items, format, maxLength }: Schema): Field['kind'] {
  if (Array.isArray(choices) || only !== undefined) return 'choice';
  if (type === 'string') {
    const isShort = (typeof maxLength === 'number' && maxLength <= LINE_LENGTH) || LINE_FORMATS.includes(String(format));
    return isShort ? 'line' : 'text';
  }
  if (type === 'number' || type === 'integer') return type;
  if (type === 'boolean') return 'flag';
  const { type: of, enum: ofChoices } = asSchema(items);
  return type === 'array' && of === 'string' && ofChoices === undefined ? 'texts' : 'json';
}

function choicesOf({ enum: choices, const: only }: Schema): Field['choices'] {
  const values = Array.isArray(choices) ? (choices as readonly unknown[]) : [only];
  return values.map((value) => ({ value: JSON.stringify(value), label: typeof value === 'string' ? value : JSON.stringify(value) }));
}

function initialOf(kind: Field['kind'], given: unknown): FieldValue {
  if (kind === 'flag') return given === true;
  if (kind === 'texts') return Array.isArray(given) ? given.map(String) : [];
  if (given === undefined) return '';
  if (kind === 'choice') return JSON.stringify(given);
  if (kind === 'json') return JSON.stringify(given, null, 2);
  return typeof given === 'string' ? given : JSON.stringify(given);
}

interface Read {
  readonly read?: unknown;
  readonly problem?: string;
}

function readField({ kind, minimum, maximum }: Field, value: FieldValue): Read {
  if (kind === 'flag' || kind === 'texts' || kind === 'line' || kind === 'text') return { read: value };
  if (kind === 'number' || kind === 'integer') {
    const number = Number(value);
    if (Number.isNaN(number)) return { problem: 'Expected a number.' };
    if (kind === 'integer' && !Number.isInteger(number)) return { problem: 'Expected a whole number.' };
    if (minimum !== undefined && number < minimum) return { problem: `Expected ${minimum} or more.` };
    if (maximum !== undefined && number > maximum) return { problem: `Expected ${maximum} or less.` };
    return { read: number };
  }
  try {
    return { read: JSON.parse(String(value)) };
  } catch {
    return { problem: 'This is no JSON.' };
  }
}

/** A flag is never empty: unset means false. */
function isEmpty(value: FieldValue): boolean {
  return value === '' || (Array.isArray(value) && value.length === 0);
}

function asSchema(value: unknown): Schema {
  return typeof value === 'object' && value !== null ? (value as Schema) : {};
}
