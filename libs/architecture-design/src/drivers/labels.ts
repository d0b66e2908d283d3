/** An identifier the input gives to a requirement, and what stands after it. */
export interface Labelled {
  readonly label: string;
  readonly rest: string;
}

const WITH_SEPARATOR =
  /^\[?((?:[A-Z][A-Za-z]{0,9}[-_.]){0,2}[A-Z][A-Za-z]{0,9}[-_. ]?\d{1,5}(?:[.\-]\d{1,5}){0,4}[a-z]?)(?:\]\s*[:.)–—-]?|\s?[:.)|–—]|\s-)\s+(?=\S)/;
const KNOWN_PREFIX =
  /^((?:R|FR|NFR|REQ|RQ|BR|SR|UR|US|AC|UC|TR|PR|IR|DR|CR|QR|SYS|SEC|PERF|CON|SRS|PRD|F)[-_]?\d{1,5}(?:[.\-]\d{1,5}){0,4}[a-z]?)\s+(?=\S)/;
/** "OPS-3 Each team …": capitals, a hyphen and a number before a sentence. */
const HYPHENED = /^([A-Z]{1,6}(?:-[A-Z]{1,6})?-\d{1,4}(?:\.\d{1,3})*)\s+(?=[\p{Lu}("“])/u;
const WORDED =
  /^((?:Requirement|Req|Story|User Story|Feature|Use Case|Constraint|Rule|Criterion|Need)\s+#?\d{1,4}(?:\.\d{1,4}){0,4})\s?[:.)–—-]?(?:\s+(?=\S)|$)/i;
const ID_LINE = /^(?:Requirement )?ID\s?[:#]\s?([A-Za-z][\w.-]{0,24}\d[\w.-]{0,10})(?:\s|$)/i;
const OUTLINE = /^(\d{1,3}(?:\.\d{1,3}){1,5})\.?\)?\s+(?=\S)/;
/** A heading that is an identifier and nothing else. */
const BARE = /^([A-Z]{1,6}[-_]\d{1,5}(?:\.\d{1,4})*|(?:R|FR|NFR|REQ|US|UC)\d{1,5}(?:\.\d{1,4})*)$/;
const NOT_LABELS =
  /^(?:HTTPS?|ISO|IEC|IEEE|RFC|AES|SHA|RSA|TLS|SSL|UTF|USB|IPV?|EN|DIN|MP|H|Q|WCAG|OAUTH|PCI|ES|CSS|HTML|V|VERSION|TOP|COVID|WINDOWS|IOS|ANDROID|PYTHON|NODE|JAVA|STEP|PHASE|SECTION|CHAPTER|FIGURE|TABLE|APPENDIX|PAGE|PART|LEVEL|DAY|WEEK|MONTH|YEAR|SPRINT|MILESTONE|RELEASE|OPTION|NOTE|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)$/i;

export function labelOf(text: string): Labelled | null {
  const bare = BARE.exec(text.trim())?.[1];
  if (bare !== undefined && !NOT_LABELS.test(/^[A-Za-z]+/.exec(bare)?.[0] ?? '')) return { label: bare, rest: '' };
  for (const pattern of [WITH_SEPARATOR, KNOWN_PREFIX, HYPHENED, WORDED, ID_LINE]) {
    const match = pattern.exec(text.slice(0, 200));
    const label = match?.[1];
    if (match === null || label === undefined) continue;
    if ((pattern === WITH_SEPARATOR || pattern === HYPHENED) && NOT_LABELS.test(/^[A-Za-z]+/.exec(label)?.[0] ?? '')) continue;
    if (pattern === WITH_SEPARATOR && /[a-z]/.test(label.replace(/[a-z]$/, '')) && !/[-_.]\d/.test(label)) continue;
    return { label, rest: text.slice(match[0].length).trim() };
  }
  return null;
}

/** "3.2.1 The pump shall stop": an outline number before a sentence. */
export function outlineOf(text: string): Labelled | null {
  const match = OUTLINE.exec(text.slice(0, 60));
  const label = match?.[1];
  if (match === null || label === undefined || !/^[\p{Lu}"“(]/u.test(text.slice(match[0].length))) return null;
  return { label, rest: text.slice(match[0].length).trim() };
}

/** A table cell that holds an identifier and nothing else. */
export function isLabelCell(cell: string): boolean {
  const text = cell
    .trim()
    .replace(/[:.)\]]$/, '')
    .replace(/^[[(]/, '');
  return labelOf(`${text}: x`) !== null || /^\d{1,3}(?:\.\d{1,3}){0,4}$/.test(text);
}
