import type { Adr, DataDesign, Security } from '../model/aspects.schema.js';
import type { Design, ServiceDesign } from '../model/design.schema.js';
import type { Evidence } from '../model/evidence.schema.js';
import type { Facts } from '../model/facts.schema.js';
import { ASSUMPTION, citeAll, derived, escapeText, quote, quoteAll } from '../document/cite.js';
import { patternById } from '../pattern/patterns.js';
import { signalsOf } from '../pattern/signal-view.js';

export interface AdrSources {
  readonly facts: Facts;
  readonly design: Design;
  readonly services: ServiceDesign;
  readonly data: DataDesign;
  readonly security: Security;
}

/** The decisions this architecture rests on. One without a reason in the input says so. */
export function writeAdrs(sources: AdrSources): Adr[] {
  const made = [patternAdr(sources), hostingAdr(sources), storageAdr(sources), communicationAdr(sources), identityAdr(sources), integrationAdr(sources), technologyAdr(sources), migrationAdr(sources), offlineAdr(sources)];
  return made.filter((adr) => adr !== null).map((adr, index) => ({ ...adr, id: `ADR-${String(index + 1).padStart(3, '0')}` }));
}

type Draft = Omit<Adr, 'id'>;

function patternAdr({ facts, design }: AdrSources): Draft {
  const chosen = patternById(design.pattern.id);
  const scores = design.pattern.scores;
  const own = scores.find((score) => score.id === chosen.id);
  const reasons = (own?.rules ?? []).filter((rule) => rule.points > 0).sort((a, b) => b.points - a.points).slice(0, 7);
  const spans = reasons.flatMap((rule) => rule.evidence.slice(0, 2));
  return {
    title: `${chosen.name} as the architecture pattern`,
    context: reasons.length > 0 ? reasons.slice(0, 4).map((rule) => quoteAll(rule.evidence, 1)) : [`The input gives no reason for any pattern ${ASSUMPTION}.`],
    decision: `${chosen.summary} ${design.pattern.byDefault ? ASSUMPTION : derived(spans)}.`,
    rationale: [...(reasons.length > 0 ? reasons.map((rule) => `${rule.reason}: +${rule.points} (derived from ${citeAll(rule.evidence, 3)})`) : [`The simplest form that can be split later ${ASSUMPTION}.`]), `Strengths: ${chosen.strengths}.`],
    alternatives: scores.filter((score) => score.id !== chosen.id).slice(0, 4).map((score) => {
      const against = score.rules.filter((rule) => rule.points < 0).sort((a, b) => a.points - b.points)[0];
      const why = against === undefined ? (score.score < (own?.score ?? 0) ? 'less in the input speaks for it' : 'the same score; the simpler one is taken') : `${against.reason} (derived from ${citeAll(against.evidence, 2)})`;
      return { name: `${score.name}, score ${score.score} against ${own?.score ?? 0}`, verdict: why };
    }),
    consequences: [`Costs: ${chosen.costs}.`, facts.requirements.length === 0 ? 'To be looked at again as soon as there are requirements.' : `Section 4 cuts the system into ${design.components.length} component(s) along it.`],
  };
}

function hostingAdr({ design }: AdrSources): Draft {
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
  const names: Readonly<Record<string, string>> = { 'on-premises': 'The operator’s own machines', cloud: 'A hosting provider', none: 'No server' };
  return {
    title: named[hosting.kind],
    context: hosting.evidence.length > 0 ? hosting.evidence.slice(0, 3).map(quote) : [hosting.kind === 'open' ? 'The input says nothing about where the system runs.' : `Follows from ADR-001: ${hosting.reason}.`],
    decision: hosting.kind === 'open' ? `Everything is packaged so that it runs on any host; the choice is left to the operator ${ASSUMPTION}.` : `${hosting.reason} ${hosting.evidence.length > 0 ? derived(hosting.evidence) : '(derived from ADR-001)'}.`,
    rationale: [hosting.kind === 'open' ? `No line of the input decides it; deciding now would be an invention ${ASSUMPTION}.` : `The input, or the pattern that follows from it, leaves no other place ${hosting.evidence.length > 0 ? derived(hosting.evidence) : '(derived from ADR-001)'}.`],
    alternatives: [
      ...others.map((kind) => ({ name: names[kind] ?? kind, verdict: kind === 'none' && patternById(design.pattern.id).served ? 'several people share data and rules (derived from ADR-001)' : hosting.kind === 'open' ? 'possible; the input does not decide it' : 'nothing in the input speaks for it' })),
      ...(excluded ? [{ name: 'A provider’s machines', verdict: `ruled out by the input (derived from ${citeAll(hosting.evidence, 2)})` }] : []),
    ],
    consequences: [
      { none: 'Nothing to operate; nothing can be observed centrally either.', device: 'Releases and backups happen per machine.', 'on-premises': 'The operator provides machines, power, network, backups and spare parts.', cloud: 'Running costs follow use; leaving the provider has to stay possible.', open: 'Sizing and prices cannot be named before the choice.' }[hosting.kind],
    ],
  };
}

function storageAdr({ data, design }: AdrSources): Draft | null {
  if (data.stores.length === 0) {
    const none = design.components.length > 0;
    return none ? { title: 'No data store', context: ['Nothing in the input has to be kept between uses, or it rules storage out.'], decision: 'Data is held in memory while it is worked on (derived from the absence of anything to keep).', rationale: ['What is not stored cannot be lost, leaked or migrated.'], alternatives: [{ name: 'A local store', verdict: 'no line of the input asks for one' }], consequences: ['Closing the program ends the work; results leave it as files or output.'] } : null;
  }
  return {
    title: `${[...new Set(data.stores.map((store) => store.kind))].map((kind, index) => (index === 0 ? kind.replace(/^./, (letter) => letter.toUpperCase()) : kind)).join(' and ')} for data`,
    context: dedupe(data.stores.flatMap((store) => store.evidence.slice(0, 1))).slice(0, 4).map(quote),
    decision: [...new Map(data.stores.map((store) => [`${store.kind} ${store.product}`, store])).values()].map((store) => `${escapeText(store.product)} (${store.kind})${store.named ? ', named by the input' : `, the engine’s default ${ASSUMPTION}`}`).join('; ') + '.',
    rationale: [...new Set(data.stores.map((store) => `${store.reason} ${derived(store.evidence)}`))],
    alternatives: alternativesFor(data.stores[0]?.kind ?? ''),
    consequences: [data.stores.length > 3 ? 'Each service owns its store; nobody reads another’s tables.' : 'The schema is changed by versioned scripts only.', 'Backups and restores belong to the store that holds the data, see section 6.'],
  };
}

function alternativesFor(kind: string): Adr['alternatives'] {
  if (kind === 'relational database') return [{ name: 'Document database', verdict: 'the entities refer to each other; joins and transactions would move into code' }, { name: 'Files', verdict: 'several people write at once' }];
  if (kind === 'browser storage') return [{ name: 'A server database', verdict: 'there is no server' }, { name: 'Files saved by hand only', verdict: 'work would be lost when the page closes' }];
  if (kind === 'local files') return [{ name: 'An embedded database', verdict: 'the input speaks of files; a database would hide them' }];
  return [{ name: 'Relational database on a server', verdict: 'the data has to be where the program runs' }];
}

function communicationAdr({ services, design }: AdrSources): Draft | null {
  const crossing = services.links.filter((link) => link.style === 'asynchronous' || link.style === 'synchronous');
  if (crossing.length === 0) return null;
  const asynchronous = crossing.filter((link) => link.style === 'asynchronous');
  const evidence = dedupe(crossing.flatMap((link) => link.evidence.slice(0, 1)));
  return {
    title: asynchronous.length > 0 ? 'Events where nobody waits, calls where somebody does' : 'Synchronous calls between parts',
    context: evidence.slice(0, 3).map(quote),
    decision: `${crossing.length - asynchronous.length} link(s) are calls with an answer, ${asynchronous.length} pass work on without waiting ${derived(evidence.slice(0, 4))}.`,
    rationale: [asynchronous.length > 0 ? `Slow or bursty work must not hold up the one who started it ${derived(dedupe(asynchronous.flatMap((link) => link.evidence.slice(0, 1))).slice(0, 3))}.` : 'Nothing in the input happens without somebody waiting for it; a queue would be one more thing to operate.'],
    alternatives: [asynchronous.length > 0 ? { name: 'Calls only', verdict: 'a slow receiver would slow every sender' } : { name: 'A message broker', verdict: 'no line of the input asks for work that outlives its caller' }],
    consequences: [asynchronous.length > 0 ? 'Receivers handle a message that arrives twice; order holds per source only.' : 'Timeouts and refusals are part of every interface.', `Section 4 lists every link; ${design.components.length} component(s) take part.`],
  };
}

function identityAdr({ facts, design, security }: AdrSources): Draft | null {
  const signals = signalsOf(facts);
  if (!signals.has('login') && !signals.has('roles')) return null;
  const provider = facts.technologies.find((technology) => technology.category === 'identity provider' && !technology.rejected);
  const sso = signals.has('sso');
  const evidence = [...signals.positive('sso'), ...signals.positive('mfa'), ...signals.positive('login'), ...signals.positive('roles')];
  return {
    title: sso ? 'Identity from an existing provider' : 'Own accounts with roles',
    context: dedupe(evidence).slice(0, 4).map(quote),
    decision: `${sso ? `People prove who they are at ${provider === undefined ? 'the identity provider' : escapeText(provider.name)}; this system checks its tokens` : 'The system keeps accounts, with passwords only as salted hashes'}${signals.has('mfa') ? ', with a second factor' : ''}; roles decide what is allowed ${derived(dedupe(evidence).slice(0, 4))}.`,
    rationale: [sso ? 'Accounts are opened and closed in one place.' : `The input names no identity provider ${ASSUMPTION}.`, `${security.threats.filter((threat) => threat.category === 'Spoofing' || threat.category === 'Elevation of privilege').length} threat(s) of section 7 rest on it.`],
    alternatives: [sso ? { name: 'Own passwords', verdict: 'a second account for people who have one' } : { name: 'An identity provider', verdict: 'none is named; the interface is kept so that one can be added' }],
    consequences: [design.pattern.id === 'services' ? 'The entry checks tokens; services get the checked identity with each call.' : 'Every operation knows who asks; tests exist per role.'],
  };
}

function integrationAdr({ facts }: AdrSources): Draft | null {
  if (facts.externals.length === 0) return null;
  const evidence = facts.externals.flatMap((external) => external.evidence.slice(0, 1));
  return {
    title: 'One adapter per outside system',
    context: dedupe(evidence).slice(0, 4).map(quote),
    decision: `${facts.externals.map((external) => escapeText(external.name)).join(', ')}: each behind an adapter of its own with a timeout, retries with a limit and a test double ${derived(dedupe(evidence).slice(0, 4))}.`,
    rationale: ['A change or failure of one neighbour stays in one place.'],
    alternatives: [{ name: 'Calls from wherever they are needed', verdict: 'every neighbour’s change would reach the whole code' }],
    consequences: ['Contracts with each neighbour are written down and tested against a recorded example.'],
  };
}

function technologyAdr({ facts }: AdrSources): Draft | null {
  const binding = facts.technologies.filter((technology) => !technology.rejected && !['format', 'protocol', 'operating system'].includes(technology.category));
  const rejected = facts.technologies.filter((technology) => technology.rejected);
  if (binding.length === 0 && rejected.length === 0) return null;
  const evidence = dedupe([...binding, ...rejected].flatMap((technology) => technology.evidence.slice(0, 1)));
  return {
    title: 'Technologies named by the input',
    context: evidence.slice(0, 6).map(quote),
    decision: `${binding.length > 0 ? `Used: ${binding.map((technology) => `${escapeText(technology.name)} (${technology.category})`).join(', ')}` : 'No technology is prescribed'}${rejected.length > 0 ? `; ruled out: ${rejected.map((technology) => escapeText(technology.name)).join(', ')}` : ''} ${derived(evidence.slice(0, 5))}.`,
    rationale: ['The input names them; the engine neither adds nor replaces any of them.'],
    alternatives: [{ name: 'Others for the same purpose', verdict: 'not considered where the input decides' }],
    consequences: ['Versions and licences are to be fixed when building starts; the input is the only source for this list.'],
  };
}

function migrationAdr({ data }: AdrSources): Draft | null {
  if (data.migration === null) return null;
  return {
    title: 'Repeatable migration with rehearsal',
    context: data.migration.evidence.slice(0, 3).map(quote),
    decision: `Existing data is taken over by an import that can be run again, rehearsed before the cut-over ${derived(data.migration.evidence.slice(0, 3))}.`,
    rationale: ['A rehearsal shows what the data really is while there is still time.'],
    alternatives: [{ name: 'Entering data again by hand', verdict: 'errors cannot be compared with the source' }, { name: 'Both systems written at once', verdict: 'two truths; only if the input asks for it' }],
    consequences: ['The old data stays readable until the owners sign the new off.'],
  };
}

function offlineAdr({ facts, design }: AdrSources): Draft | null {
  const signals = signalsOf(facts);
  if (!signals.has('offline') || !(signals.has('sync') || design.hosting.kind === 'none' || design.hosting.kind === 'device')) return null;
  const evidence = dedupe([...signals.positive('offline'), ...signals.positive('sync')]);
  const syncing = signals.has('sync') && patternById(design.pattern.id).served;
  return {
    title: syncing ? 'Keep locally, hand on later' : 'No connection needed',
    context: evidence.slice(0, 3).map(quote),
    decision: `${syncing ? 'What arises without a connection is kept where it arises and handed on in order when the connection is back' : 'The work itself needs no connection; anything that does is optional'} ${derived(evidence.slice(0, 3))}.`,
    rationale: ['The work must not stop with the network.'],
    alternatives: [{ name: 'Refuse work without a connection', verdict: `against the input (derived from ${citeAll(evidence, 2)})` }],
    consequences: [syncing ? 'Every record carries an identity and a time of its own; repeats are recognised.' : 'Tests run with the network switched off.'],
  };
}

function dedupe(evidence: readonly Evidence[]): Evidence[] {
  return [...new Map(evidence.map((one) => [`${one.from} ${one.to} ${one.text}`, one])).values()];
}
