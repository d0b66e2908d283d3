/** A markdown table; cells are expected to be escaped already. */
export function table(headers: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [
    `| ${headers.join(' | ')} |`,
    `|${headers.map(() => '---').join('|')}|`,
    ...rows.map((row) => `| ${row.map((cell) => (cell === '' ? '–' : cell)).join(' | ')} |`),
    '',
  ];
}

export function bullets(items: readonly string[]): string[] {
  return [...items.map((item) => `- ${item}`), ''];
}

export function heading(level: number, title: string): string[] {
  return [`${'#'.repeat(Math.min(6, level))} ${title}`, ''];
}

export function paragraph(text: string): string[] {
  return [text, ''];
}

/** A section with nothing in it says so; `what` completes "The input says nothing about …". */
export function nothingAbout(what: string): string[] {
  return [`The input says nothing about ${what}.`, ''];
}

export function mermaidBlock(code: string): string[] {
  return ['```mermaid', ...code.split('\n'), '```', ''];
}

export function joinLines(lines: readonly string[]): string {
  return `${lines
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()}\n`;
}

/** The body of a step's document, its headings `by` levels deeper, without its title line. Code fences stay as they are. */
export function bodyOf(markdown: string, by: number): string[] {
  let fenced = false;
  let titleSeen = false;
  return markdown.split('\n').flatMap((line) => {
    if (line.startsWith('```')) fenced = !fenced;
    if (fenced) return [line];
    if (!titleSeen && line.startsWith('# ')) {
      titleSeen = true;
      return [];
    }
    return [/^#{1,6} /.test(line) ? `${'#'.repeat(by)}${line}`.replace(/^#{7,}/, '######') : line];
  });
}

export const ENGINE_NOTE = "Written by Tutti's offline engine: rule-based and extractive, no language model.";

export const READING_NOTE =
  'Text in quotation marks is the input’s own and names its lines, as in `L12`. *Derived* marks what the engine concludes from those lines, *assumption: no input* what it had to fill in.';
