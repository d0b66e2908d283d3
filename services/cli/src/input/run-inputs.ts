import { isJsonObject } from '@tutti/kernel';
import { LineCounter, parseDocument } from 'yaml';
import { EXIT } from '../failure/exit-codes.js';
import { Failure } from '../failure/failure.js';
import { keyValues } from './key-values.js';
import { readTextFile } from './text-file.js';
import { valueOf } from './value-text.js';

interface InputSources {
  /** `k=v` is text, `k=@file` a file's text, `k=:json` any JSON value. */
  readonly pairs: readonly string[];
  /** JSON or YAML file with an object; single pairs win over it. */
  readonly file: string | undefined;
  readonly cwd: string;
}

/** The inputs of a run. @throws Failure USAGE, FILE_UNREADABLE, or INPUT_INVALID with lines */
export async function readRunInputs({ pairs, file, cwd }: InputSources): Promise<Readonly<Record<string, unknown>>> {
  const inputs = new Map<string, unknown>(file === undefined ? [] : Object.entries(await readInputsFile(file, cwd)));
  for (const [key, text] of keyValues('--input', pairs)) inputs.set(key, await valueOf(`--input ${key}`, text, cwd));
  return Object.fromEntries(inputs);
}

async function readInputsFile(file: string, cwd: string): Promise<Readonly<Record<string, unknown>>> {
  const lines = new LineCounter();
  // JSON is YAML 1.2: one reader for both.
  const document = parseDocument(await readTextFile(file, cwd), { lineCounter: lines, uniqueKeys: true });
  if (document.errors.length > 0) {
    throw new Failure('INPUT_INVALID', `${file} is neither JSON nor YAML`, {
      exitCode: EXIT.invalid,
      source: file,
      problems: document.errors.map((error) => {
        const { line, col } = lines.linePos(error.pos[0]);
        return { line, column: col, path: '', message: error.message.split('\n')[0]?.replace(/ at line .*$/, '') ?? error.code };
      }),
    });
  }
  const value: unknown = document.toJS({ maxAliasCount: 100 });
  if (isJsonObject(value)) return value;
  throw new Failure('INPUT_INVALID', `${file} must hold an object with the inputs by name`, { exitCode: EXIT.invalid, source: file });
}
