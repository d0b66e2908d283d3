import type { Adr } from '../model/aspects.schema.js';
import type { Design } from '../model/design.schema.js';
import { ASSUMPTION, citeAll, derived, escapeText, quote } from '../document/cite.js';
import { patternById } from '../pattern/patterns.js';
import type { AdrDraft, AdrSources } from './adr-draft.js';
import { dedupe } from './adr-draft.js';
import { communicationAdr, identityAdr, integrationAdr, migrationAdr, offlineAdr, technologyAdr } from './optional-adrs.js';

/** The decisions this architecture rests on. One without a reason in the input says so. */
export function writeAdrs(sources: AdrSources): Adr[] {
  const made = [
    patternAdr(sources),
    hostingAdr(sources),
    storageAdr(sources),
    communicationAdr(sources),
    identityAdr(sources),
    integrationAdr(sources),
    technologyAdr(sources),
    migrationAdr(sources),
    offlineAdr(sources),
  ];
  return made.filter((adr) => adr !== null).map((adr, index) => ({ ...adr, id: `ADR-${String(index + 1).padStart(3, '0')}` }));
}

function patternAdr({ facts, design }: AdrSources): AdrDraft {
  const chosen = patternById(design.pattern.id);
  const scores = design.pattern.scores;
  const own = scores.find((score) => score.id === chosen.id);
  const reasons = (own?.rules ?? [])
    .filter((rule) => rule.points > 0)
    .sort((a, b) => b.points - a.points)
    .slice(0, 7);
  const spans = reasons.flatMap((rule) => rule.evidence.slice(0, 2));
  return {
    title: `${chosen.name} as the architecture pattern`,
    context:
      reasons.length > 0
        ? dedupe(reasons.flatMap((rule) => rule.evidence.slice(0, 1)))
            .slice(0, 4)
            .map(quote)
        : [`The input gives no reason for any pattern ${ASSUMPTION}.`],
    decision: `${chosen.summary} ${design.pattern.byDefault ? ASSUMPTION : derived(spans)}.`,
    rationale: [
      ...(reasons.length > 0
        ? reasons.map((rule) => `${rule.reason}: +${rule.points} (derived from ${citeAll(rule.evidence, 3)})`)
        : [`The simplest form that can be split later ${ASSUMPTION}.`]),
      `Strengths: ${chosen.strengths}.`,
    ],
    alternatives: scores
      .filter((score) => score.id !== chosen.id && (score.score > 0 || score.id === 'modular-monolith' || score.id === 'services'))
      .slice(0, 4)
      .map((score) => {
        const against = score.rules.filter((rule) => rule.points < 0).sort((a, b) => a.points - b.points)[0];
        const why =
          against === undefined
            ? score.score < (own?.score ?? 0)
              ? 'less in the input speaks for it'
              : 'the same score; the simpler one is taken'
            : `${against.reason} (derived from ${citeAll(against.evidence, 2)})`;
        return { name: `${score.name}, score ${score.score} against ${own?.score ?? 0}`, verdict: why };
      }),
    consequences: [
      `Costs: ${chosen.costs}.`,
      facts.requirements.length === 0
        ? 'To be looked at again as soon as there are requirements.'
        : `Section 4 cuts the system into ${design.components.length} component(s) along it.`,
    ],
  };
}

function hostingAdr({ design }: AdrSources): AdrDraft {
  const hosting = design.hosting;
  const excluded = hosting.cloudExcluded;
  const named: Readonly<Record<Design['hosting']['kind'], string>> = {
    none: 'No server of its own',
    device: 'On the device or machine of the person',
    'on-premises': 'On the operator’s own machines',
    cloud: hosting.provider === null ? 'With a hosting provider' : `On ${escapeText(hosting.provider)}`,
    open: 'Hosting left open',
  };
  const others = (['on-premises', ...(excluded ? [] : (['cloud'] as const)), 'none'] as const).filter((kind) => kind !== hosting.kind);
  const names: Readonly<Record<string, string>> = {
    'on-premises': 'The operator’s own machines',
    cloud: 'A hosting provider',
    none: 'No server',
  };
  return {
    title: named[hosting.kind],
    context:
      hosting.evidence.length > 0
        ? hosting.evidence.slice(0, 3).map(quote)
        : [hosting.kind === 'open' ? 'The input says nothing about where the system runs.' : `Follows from ADR-001: ${hosting.reason}.`],
    decision:
      hosting.kind === 'open'
        ? `Everything is packaged so that it runs on any host; the choice is left to the operator ${ASSUMPTION}.`
        : `${capital(hosting.reason)} ${hosting.evidence.length > 0 ? derived(hosting.evidence) : '(derived from ADR-001)'}.`,
    rationale: [
      hosting.kind === 'open'
        ? `No line of the input decides it; deciding now would be an invention ${ASSUMPTION}.`
        : `The input, or the pattern that follows from it, leaves no other place ${hosting.evidence.length > 0 ? derived(hosting.evidence) : '(derived from ADR-001)'}.`,
    ],
    alternatives: [
      ...others.map((kind) => ({
        name: names[kind] ?? kind,
        verdict:
          kind === 'none' && patternById(design.pattern.id).served
            ? 'several people share data and rules (derived from ADR-001)'
            : hosting.kind === 'open'
              ? 'possible; the input does not decide it'
              : 'nothing in the input speaks for it',
      })),
      ...(excluded
        ? [{ name: 'A provider’s machines', verdict: `ruled out by the input (derived from ${citeAll(hosting.evidence, 2)})` }]
        : []),
    ],
    consequences: [
      {
        none: 'Nothing to operate; nothing can be observed centrally either.',
        device: 'Releases and backups happen per machine.',
        'on-premises': 'The operator provides machines, power, network, backups and spare parts.',
        cloud: 'Running costs follow use; leaving the provider has to stay possible.',
        open: 'Sizing and prices cannot be named before the choice.',
      }[hosting.kind],
    ],
  };
}

function storageAdr({ data, design }: AdrSources): AdrDraft | null {
  if (data.stores.length === 0) {
    const none = design.components.length > 0;
    return none
      ? {
          title: 'No data store',
          context: ['Nothing in the input has to be kept between uses, or it rules storage out.'],
          decision: 'Data is held in memory while it is worked on (derived from the absence of anything to keep).',
          rationale: ['What is not stored cannot be lost, leaked or migrated.'],
          alternatives: [{ name: 'A local store', verdict: 'no line of the input asks for one' }],
          consequences: ['Closing the program ends the work; results leave it as files or output.'],
        }
      : null;
  }
  return {
    title: `${[...new Set(data.stores.map((store) => store.kind))].map((kind, index) => (index === 0 ? kind.replace(/^./, (letter) => letter.toUpperCase()) : kind)).join(' and ')} for data`,
    context: dedupe(data.stores.flatMap((store) => store.evidence.slice(0, 1)))
      .slice(0, 4)
      .map(quote),
    decision:
      [...new Map(data.stores.map((store) => [`${store.kind} ${store.product}`, store])).values()]
        .map(
          (store) =>
            `${escapeText(store.product)} (${store.kind})${store.named ? ', named by the input' : `, the engine’s default ${ASSUMPTION}`}`,
        )
        .join('; ') + '.',
    rationale: [...new Set(data.stores.map((store) => `${store.reason} ${derived(store.evidence)}`))],
    alternatives: alternativesFor(data.stores[0]?.kind ?? ''),
    consequences: [
      data.stores.length > 3
        ? 'Each service owns its store; nobody reads another’s tables.'
        : patternById(design.pattern.id).served
          ? 'The schema is changed by versioned scripts only.'
          : 'A newer version reads what an older one has written.',
      patternById(design.pattern.id).served
        ? 'Backups and restores belong to the store that holds the data, see section 6.'
        : 'Data is as safe as the machine it is on; a way to export it is the backup.',
    ],
  };
}

function alternativesFor(kind: string): Adr['alternatives'] {
  if (kind === 'relational database')
    return [
      { name: 'Document database', verdict: 'the entities refer to each other; joins and transactions would move into code' },
      { name: 'Files', verdict: 'several people write at once' },
    ];
  if (kind === 'browser storage')
    return [
      { name: 'A server database', verdict: 'there is no server' },
      { name: 'Files saved by hand only', verdict: 'work would be lost when the page closes' },
    ];
  if (kind === 'local files') return [{ name: 'An embedded database', verdict: 'the input speaks of files; a database would hide them' }];
  return [{ name: 'Relational database on a server', verdict: 'the data has to be where the program runs' }];
}

function capital(text: string): string {
  return text.replace(/^\p{Ll}/u, (letter) => letter.toUpperCase());
}
