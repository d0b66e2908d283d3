/** A word of a sentence. `word` keeps the input's spelling; `lower` is for comparing. */
export interface Token {
  readonly word: string;
  readonly lower: string;
  /** The punctuation before the word, if any: a noun phrase ends there. */
  readonly breakBefore: boolean;
  /** The characters between this word and the one before it. */
  readonly gap: string;
}

const WORD = /[\p{L}\p{N}](?:[\p{L}\p{N}'’_]|[-/.&+](?=[\p{L}\p{N}]))*[+#]{0,2}/gu;

export function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let end = 0;
  let possessive = false;
  for (const match of text.matchAll(WORD)) {
    const word = match[0].replace(/['’]s$/, '');
    const gap = text.slice(end, match.index);
    // "the patient's allergies" names allergies and a patient, not "patient allergies".
    const owned = possessive ? `'${gap}` : gap;
    tokens.push({ word, lower: word.toLowerCase(), breakBefore: tokens.length > 0 && (possessive || /[^\s"“”'‘’]/.test(gap)), gap: owned });
    possessive = word !== match[0] || gap.startsWith("'") || text[match.index + match[0].length] === "'";
    end = match.index + match[0].length;
  }
  return tokens;
}

const IRREGULAR: Readonly<Record<string, string>> = {
  people: 'person',
  children: 'child',
  men: 'man',
  women: 'woman',
  data: 'data',
  media: 'media',
  indices: 'index',
  analyses: 'analysis',
  diagnoses: 'diagnosis',
};

/** The singular of a noun, lower case. A rough rule is enough: it is only used to compare, never shown. */
export function singular(word: string): string {
  const lower = word.toLowerCase();
  const irregular = IRREGULAR[lower];
  if (irregular !== undefined) return irregular;
  if (lower.length < 4 || /(?:ss|us|is|ics)$/.test(lower)) return lower;
  if (/ies$/.test(lower)) return `${lower.slice(0, -3)}y`;
  if (/(?:ses|xes|zes|ches|shes)$/.test(lower))
    return /(?:uses|oses|ases|eses|izes|ises|azes)$/.test(lower) ? lower.slice(0, -1) : lower.slice(0, -2);
  if (/s$/.test(lower)) return lower.slice(0, -1);
  return lower;
}

/** A key under which "Work orders", "work order" and "WORK-ORDER" are the same thing. */
export function termKey(phrase: string): string {
  return phrase
    .toLowerCase()
    .split(/[\s\-_/]+/)
    .filter((word) => word !== '')
    .map(singular)
    .join(' ');
}

export function lastWord(phrase: string): string {
  return phrase.split(/\s+/).at(-1) ?? phrase;
}

/** First letter upper case, the rest as the input has it. */
export function titled(phrase: string): string {
  return phrase.replace(/^\p{Ll}/u, (letter) => letter.toUpperCase());
}
