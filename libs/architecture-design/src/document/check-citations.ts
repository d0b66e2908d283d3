import { comparable } from '../reading/plain-text.js';

export interface CitationProblem {
  /** 1-based line of the checked markdown. */
  readonly line: number;
  readonly citation: string;
  readonly problem: string;
}

const CITATION = /(?<!\\)\[L(\d{1,7})(?:-L(\d{1,7}))?\]/g;
const QUOTED = /“([^”]{0,2000})”\s*(?:\[L(\d{1,7})(?:-L(\d{1,7}))?\])?/g;

/**
 * Holds a document against the text it cites. A problem is a cited line that does not exist, and text in curly
 * quotation marks that does not stand on its cited lines or cites none. Words are compared, not markdown. Empty
 * when everything holds. Code blocks are not looked at.
 */
export function checkCitations(markdown: string, sourceText: string): readonly CitationProblem[] {
  const source = sourceText.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  const problems: CitationProblem[] = [];
  let fenced = false;
  for (const [index, line] of markdown.split('\n').entries()) {
    if (line.startsWith('```')) fenced = !fenced;
    if (fenced) continue;
    const report = (citation: string, problem: string): void => void problems.push({ line: index + 1, citation, problem });
    for (const match of line.matchAll(CITATION)) {
      const from = Number(match[1]);
      const to = Number(match[2] ?? match[1]);
      if (from < 1 || to < from || to > source.length) report(match[0], `the input has lines 1 to ${source.length}`);
    }
    for (const match of line.matchAll(QUOTED)) {
      const text = match[1] ?? '';
      if (match[2] === undefined) {
        report(`“${text.slice(0, 60)}”`, 'quoted text without lines');
        continue;
      }
      const from = Number(match[2]);
      const to = Number(match[3] ?? match[2]);
      if (from < 1 || to < from || to > source.length) continue;
      if (!standsOn(text, source.slice(from - 1, to)))
        report(`“${text.slice(0, 60)}” [L${from}${to === from ? '' : `-L${to}`}]`, 'the cited lines do not say this');
    }
  }
  return problems;
}

function standsOn(quoted: string, lines: readonly string[]): boolean {
  const wanted = comparable(quoted.replace(/ …$/, ''));
  if (wanted === '') return quoted.trim() === '' || lines.some((line) => line.trim() !== '');
  // A list mark may belong to the words ("1. of | a row"), so the lines are tried with and without theirs.
  return [lines.map(withoutMarks), lines].some((said) => {
    const whole = said
      .map(comparable)
      .filter((line) => line !== '')
      .join(' ');
    return (
      ` ${whole} `.includes(` ${wanted} `) ||
      (/ …$/.test(quoted) && ` ${whole}`.includes(` ${wanted}`)) ||
      containsCells(wanted, whole, quoted)
    );
  });
}

/** Table rows are quoted without their empty or identifier cells: then each cell has to stand there, in order. */
function containsCells(wanted: string, whole: string, quoted: string): boolean {
  if (!quoted.includes('|')) return false;
  let at = 0;
  for (const cell of quoted.split(/\\?\|/).map(comparable)) {
    if (cell === '') continue;
    const found = whole.indexOf(cell.replace(/ $/, ''), at);
    if (found < 0) return false;
    at = found + cell.length;
  }
  return wanted !== '';
}

function withoutMarks(line: string): string {
  return line
    .replace(/<!--.*?-->/g, ' ')
    .replace(/^\s{0,3}(?:>\s?)+/, '')
    .replace(/^\s*(?:[-*+•‣◦▪–]|\d{1,4}[.)]|\([a-z0-9]{1,4}\)|[a-zA-Z][.)])\s+/, '');
}
