import { wireWord } from '@tutti/contracts';
import { TuttiError } from '@tutti/kernel';

interface WireEnum<Value extends string> {
  /** `RUN_STATUS_RUNNING` as `running`. */
  readonly word: (value: Value) => string;
  /** The contract's value of a word; the unspecified one when left out. */
  readonly value: (word: string | undefined) => Value;
}

/** Between the contract's enum values and the lower-case words with hyphens that REST speaks. */
export function wireEnum<Value extends string>(values: Readonly<Record<string, Value>>, prefix: string): WireEnum<Value> {
  const word = (value: Value): string => wireWord(value, prefix);
  const byWord = new Map(Object.values(values).map((value) => [word(value), value]));
  const [unspecified] = Object.values(values);
  if (unspecified === undefined) throw new TuttiError('INTERNAL', `the enum ${prefix} has no values`);
  const value = (name: string | undefined): Value => (name === undefined ? undefined : byWord.get(name)) ?? unspecified;
  return { word, value };
}

/** A message that the contract always sets, though its encoding could leave it out. */
export function present<Message>(message: Message | undefined, what: string): Message {
  if (message === undefined) throw new TuttiError('INTERNAL', `the answer has no ${what}`);
  return message;
}
