const SECRET_LENGTH = 43;
const TEXT = new RegExp(`^tutti_([a-z0-9]{1,100})_([A-Za-z0-9_-]{${SECRET_LENGTH}})$`);
const PREFIX = 'tutti_';

export interface KeyText {
  readonly id: string;
  readonly secret: string;
}

/** As callers carry it: its beginning lets scanners find keys that were published by mistake. */
export function writeKey({ id, secret }: KeyText): string {
  return `${PREFIX}${id}_${secret}`;
}

/** Null for what is no key. */
export function readKey(text: string): KeyText | null {
  const [, id, secret] = TEXT.exec(text) ?? [];
  return id === undefined || secret === undefined ? null : { id, secret };
}
