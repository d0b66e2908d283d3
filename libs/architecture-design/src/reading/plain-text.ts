const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&nbsp;': ' ',
  '&#39;': "'",
  '&ge;': '≥',
  '&le;': '≤',
};

/** The words of a piece of markdown without its marks: what a reader of the rendered page would see. */
export function plainText(markdown: string): string {
  return markdown
    .replace(/!?\[([^\][]{0,400})\]\((?:[^()]{0,800})\)/g, '$1')
    .replace(/!?\[([^\][]{1,400})\]\[[^\][]{0,80}\]/g, '$1')
    .replace(/^\s*\[(?: |x|X)\]\s+/, '')
    .replace(/<\/?[a-zA-Z][^<>]{0,200}>/g, ' ')
    .replace(/&(?:amp|lt|gt|quot|nbsp|#39|ge|le);/g, (entity) => ENTITIES[entity] ?? entity)
    .replace(/\\([\\`*_{}[\]()#+\-.!|<>~])/g, '$1')
    .replace(/`+/g, '')
    .replace(/(\*{1,3}|~~)/g, '')
    .replace(/(^|[\s(])_{1,3}(?=\S)/g, '$1')
    .replace(/(\S)_{1,3}(?=[\s).,;:!?]|$)/g, '$1')
    .replace(/\s+/g, ' ')
    .trim();
}

/**
 * Letters and digits only, lower case, one space between: two texts are "the same words" when these are equal.
 * Used to hold a quotation against its cited lines whatever the markdown around it is.
 */
export function comparable(text: string): string {
  return plainText(text)
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}
