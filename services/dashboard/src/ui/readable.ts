/** How a value is best read, found in the value alone. */
export type Reading =
  | { readonly kind: 'markdown'; readonly text: string }
  /** A document in an object: what it is called, what it says, what else is in the object. */
  | { readonly kind: 'document'; readonly title: string; readonly text: string; readonly rest: Readonly<Record<string, unknown>> }
  | { readonly kind: 'members'; readonly members: readonly (readonly [string, unknown])[] }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'json' };

const MOST_MEMBERS = 40;
/** Headings, lists, tables, fences, emphasis, at the beginning of a line or around words. */
const MARKS = /^(?:#{1,6} |[-*] |\d+\. |> |\|.+\||```)|\*\*[^*\n]+\*\*/m;
const DOCUMENT_MEMBERS = ['content', 'markdown', 'document', 'text', 'body'];
const TITLE_MEMBERS = ['title', 'path', 'name', 'subject'];

export function readingOf(value: unknown): Reading {
  if (typeof value === 'string') return isMarkdown(value) ? { kind: 'markdown', text: value } : { kind: 'text', text: value };
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { kind: 'json' };
  const object = value as Readonly<Record<string, unknown>>;
  const named = DOCUMENT_MEMBERS.find((name) => {
    const text = object[name];
    return typeof text === 'string' && (object['mediaType'] === 'text/markdown' || isMarkdown(text));
  });
  if (named !== undefined) {
    const { [named]: text, ...rest } = object;
    const title = TITLE_MEMBERS.map((name) => rest[name]).find((found) => typeof found === 'string');
    return { kind: 'document', title: String(title ?? ''), text: String(text), rest };
  }
  const members = Object.entries(object);
  const isPlain = members.length > 0 && members.length <= MOST_MEMBERS;
  return isPlain ? { kind: 'members', members } : { kind: 'json' };
}

export function isMarkdown(text: string): boolean {
  return text.includes('\n') && MARKS.test(text);
}
