import type { Section } from '../reading/blocks.js';

export type SectionKind =
  | 'requirements'
  | 'quality'
  | 'excluded'
  | 'assumptions'
  | 'constraints'
  | 'actors'
  | 'externals'
  | 'data'
  | 'glossary'
  | 'questions'
  | 'project'
  | 'migration'
  | 'meta';

/** Titles by what stands under them. The first that matches counts; titles that match nothing name something of the product. */
const KINDS: readonly { readonly kind: SectionKind; readonly title: RegExp }[] = [
  {
    kind: 'excluded',
    title:
      /\b(?:out[- ]of[- ]scope|non[- ]?goals?|not in scope|won.?t have|exclusions?|excluded|anti[- ]goals?|not planned|later (?:phases?|releases?)|not doing|we (?:are not|will not|won.?t)|leaving out|future (?:work|scope|enhancements|features))\b/i,
  },
  {
    kind: 'questions',
    title: /\b(?:open (?:questions|issues|points)|questions|to be (?:decided|determined)|tbd|risks?(?: and mitigations?)?)\b/i,
  },
  { kind: 'migration', title: /\b(?:migrat\w+|legacy|existing data|cut-?over|data take-?over)\b/i },
  { kind: 'assumptions', title: /\bassum(?:ptions?|ed)\b/i },
  {
    kind: 'constraints',
    title:
      /\b(?:constraints?|limitations?|restrictions?|ground rules|technical (?:requirements|environment|stack)|(?:implementation|technical|design|technology) (?:decisions?|approach|choices?)|tech(?:nology)? stack|technolog(?:y|ies)|operating environment|platforms?|hosting|deployment|compliance|regulat\w+|legal)\b|^technical(?: notes?| details?)?$/i,
  },
  { kind: 'glossary', title: /\b(?:glossary|definitions?|abbreviations?|acronyms?|terminology|terms)\b/i },
  {
    kind: 'project',
    title:
      /\b(?:timeline|milestones?|schedule|budget|deliverables?|project plan|rollout plan|release plan|roadmap|launch|staffing|the team)\b/i,
  },
  {
    kind: 'actors',
    title:
      /\b(?:actors?|personas?|(?:user|system|access) (?:roles?|classes|types|groups|characteristics|profiles?)|roles(?: and \w+)?|stakeholders?|audience|who (?:uses|it is for)|(?:target|end) users?|people (?:we|it|who) .{0,30})\b|^who\??$|^(?:the )?(?:users?|people)$/i,
  },
  {
    kind: 'externals',
    title:
      /\b(?:integrations?|external (?:systems?|interfaces?|services?|dependencies)|interfac(?:es?|ing)|third[- ]part(?:y|ies)|neighbou?ring systems?|connected systems?|dependencies|system context)\b/i,
  },
  {
    kind: 'data',
    title:
      /\b(?:data (?:model|requirements?|dictionary|entities|objects|structures?|design|needs?)|entities|domain (?:model|objects)|information model|database)\b|^data$/i,
  },
  {
    kind: 'quality',
    title:
      /\b(?:non[- ]?functional|quality|nfrs?|performance|scalability|scale|securit\w*|privacy|reliab\w+|availab\w+|usab\w+|accessib\w+|maintainab\w+|portab\w+|compatib\w+|localis\w+|localiz\w+|observab\w+|monitoring|logging|safety|resilience|capacity|service levels?|slas?|slos?|success (?:metrics|criteria)|kpis?|operational|operations|backup|recovery|standards|supportability|durability|efficiency|speed)\b/i,
  },
  {
    kind: 'requirements',
    title:
      /\b(?:requirements?|functional|user stor(?:y|ies)|features?|functionalit(?:y|ies)|acceptance criteri(?:a|on)|capabilit(?:y|ies)|must[- ]haves?|should[- ]haves?|could[- ]haves?|nice[- ]to[- ]haves?|use[- ]cases?|epics?|business rules|rules|needs|behaviou?rs?|in scope|what (?:it|we|the) .{0,30}|mvp|priority|specifications?|scope|stories)\b/i,
  },
  {
    kind: 'meta',
    title:
      /\b(?:introduction|overview|background|purpose|summary|context|vision|goals?|objectives?|problem(?: statement)?|motivation|references?|revision|history|change ?log|contents|document|appendix|appendices|approvals?|sign[- ]?off|index|conventions?|about|general|description|intended|miscellaneous|misc|other|notes?|abstract|status of this|copyright|authors?|acknowledge?ments?|perspective|requirements language|key ?words|traceability|priorities|phase \d|business case|current (?:state|situation)|today|why|how (?:it|this|we)|faq)\b/i,
  },
];

export function kindOfTitle(title: string): SectionKind | null {
  const plain = title.replace(/^(?:\d+(?:\.\d+)*|[A-Z]|[IVX]+)[.)]?\s+/, '').replace(/\s*:$/, '');
  return KINDS.find((entry) => entry.title.test(plain))?.kind ?? null;
}

/** The kind of the nearest heading that has one; a quality heading inside requirements stays quality. */
export function kindOfSection(section: Section | null): SectionKind | null {
  for (let at = section; at !== null && !at.isTitle; at = at.parent) {
    const kind = kindOfTitle(at.title);
    if (kind !== null && !(kind === 'meta' && at.parent !== null && at !== section)) return kind;
  }
  return null;
}

/**
 * True where list items and table rows are demands even without "must": under requirements and qualities, and, in a
 * document that has no section for requirements (`untitled`), under every title that names something of the product.
 */
export function isDemanding(section: Section | null, untitled = false): boolean {
  const kind = kindOfSection(section);
  return kind === 'requirements' || kind === 'quality' || (kind === null && untitled && section !== null);
}

/** "Not in scope: …" at the start of a block excludes what follows wherever the block stands. */
export function opensExclusion(text: string): boolean {
  return /^(?:not in scope|out of scope|excluded|exclusions|non-?goals?)\s*:/i.test(text);
}

export function isUnder(section: Section | null, kind: SectionKind): boolean {
  for (let at = section; at !== null && !at.isTitle; at = at.parent) if (kindOfTitle(at.title) === kind) return true;
  return false;
}
