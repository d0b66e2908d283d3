import { TuttiError } from '@tutti/kernel';

export interface LetterPlace {
  readonly topic: string;
  readonly group: string;
  readonly offset: string;
}

const FORM = /^([^~]+)~(.+)~([^~]+)$/;

/** Where a dead letter stands, as one text that needs no encoding in an address or a shell. */
export function letterId({ topic, group, offset }: LetterPlace): string {
  return `${topic}~${group}~${offset}`;
}

/** @throws TuttiError DEAD_LETTER_NOT_FOUND for what is no such id */
export function placeOf(id: string): LetterPlace {
  const [, topic, group, offset] = FORM.exec(id) ?? [];
  if (topic === undefined || group === undefined || offset === undefined)
    throw new TuttiError(
      'DEAD_LETTER_NOT_FOUND',
      `there is no dead letter "${id}"; expected an id like "tutti.tasks.default~workers~12.0"`,
    );
  return { topic, group, offset };
}
