/** The code of every Mermaid block of a markdown text, in order. */
export function extractMermaid(markdown: string): readonly string[] {
  const diagrams: string[] = [];
  let open: string[] | null = null;
  for (const line of markdown.split(/\r\n|\n|\r/)) {
    if (open === null) {
      if (/^\s*```mermaid\s*$/.test(line)) open = [];
    } else if (/^\s*```\s*$/.test(line)) {
      diagrams.push(open.join('\n'));
      open = null;
    } else {
      open.push(line);
    }
  }
  return diagrams;
}
