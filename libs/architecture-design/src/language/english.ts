const COMMON = new Set(
  'the of and to is that it for with be must shall should are by this can from or when not at each have has if which they its'.split(' '),
);

/** Whether at least one word in twelve is a common English one. Decides only what the document says about its own reach. */
export function looksEnglish(sentences: readonly string[]): boolean {
  let words = 0;
  let common = 0;
  for (const sentence of sentences.slice(0, 2000)) {
    for (const word of sentence.toLowerCase().match(/[\p{L}]+/gu) ?? []) {
      words += 1;
      if (COMMON.has(word)) common += 1;
    }
  }
  return words === 0 || common * 12 >= words;
}
