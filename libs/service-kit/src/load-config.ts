import { TuttiError, type JsonValue } from '@tutti/kernel';
import { parseDocument } from 'yaml';
import { z } from 'zod';

export interface ConfigSources {
  /** Text of the YAML file, or null when there is none. */
  readonly yaml: string | null;
  /** Named in messages. */
  readonly yamlName?: string;
  /** `TUTTI_GATEWAY__PORT=4700` sets `gateway.port`; a single underscore joins words: `TUTTI_DATA_DIR` sets `dataDir`. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Configuration from a YAML file and the environment, which wins. Pure. Values in the environment are text: schemas use
 * `z.coerce.number()` and `z.stringbool()` for what is not.
 *
 * @throws TuttiError INVALID_CONFIG with every problem at once, each with its path
 */
export function loadConfig<Schema extends z.ZodType>(schema: Schema, sources: ConfigSources): z.infer<Schema> {
  const merged = parseYaml(sources);
  for (const [name, text] of Object.entries(sources.env)) {
    if (text !== undefined && name.startsWith('TUTTI_')) setPath(merged, envPath(name), text);
  }
  const parsed = schema.safeParse(merged);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || '(whole)'}: ${issue.message}`);
  throw new TuttiError('INVALID_CONFIG', `configuration is not valid:\n${problems.map((line) => `  ${line}`).join('\n')}`, {
    details: { problems },
  });
}

/** A list of texts; the environment gives it as one text with commas between. */
export const textList = z.preprocess(
  (value) =>
    typeof value === 'string'
      ? value
          .split(',')
          .map((part) => part.trim())
          .filter((part) => part !== '')
      : value,
  z.array(z.string().min(1).max(1_000)).max(1_000),
);

/** JSON Schema 2020-12 of a configuration, for editors. */
export function configJsonSchema(schema: z.ZodType): JsonValue {
  return z.toJSONSchema(schema, { io: 'input' }) as JsonValue;
}

function parseYaml(sources: ConfigSources): Record<string, unknown> {
  if (sources.yaml === null) return {};
  const name = sources.yamlName ?? 'configuration file';
  const document = parseDocument(sources.yaml);
  if (document.errors.length > 0) {
    const problems = document.errors.map((error) => `${name}: ${error.message}`);
    throw new TuttiError('INVALID_CONFIG', `${name} is not YAML:\n${document.errors.map((error) => `  ${error.message}`).join('\n')}`, {
      details: { problems },
    });
  }
  const value: unknown = document.toJS();
  if (value === null || value === undefined) return {};
  if (typeof value !== 'object' || Array.isArray(value))
    throw new TuttiError(
      'INVALID_CONFIG',
      `${name} must be a mapping of settings, found ${Array.isArray(value) ? 'a list' : typeof value}`,
    );
  return value as Record<string, unknown>;
}

function envPath(name: string): string[] {
  return name
    .slice('TUTTI_'.length)
    .split('__')
    .map((part) => part.toLowerCase().replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()));
}

function setPath(target: Record<string, unknown>, path: readonly string[], text: string): void {
  let node = target;
  for (const key of path.slice(0, -1)) {
    const next = Object.hasOwn(node, key) ? node[key] : undefined;
    const inner = typeof next === 'object' && next !== null ? next : {};
    setOwn(node, key, inner);
    node = inner as Record<string, unknown>;
  }
  setOwn(node, path.at(-1) ?? '', text);
}

/** An assignment to `__proto__` would change the prototype instead; names come from outside. */
function setOwn(target: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}
