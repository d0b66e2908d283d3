import { ASSUMPTION, citeAll, derived, escapeText, quote } from '../document/cite.js';
import { patternById } from '../pattern/patterns.js';
import { signalsOf } from '../pattern/signal-view.js';
import type { AdrDraft, AdrSources } from './adr-draft.js';
import { dedupe } from './adr-draft.js';

export function communicationAdr({ services, design }: AdrSources): AdrDraft | null {
  const crossing = services.links.filter((link) => link.style === 'asynchronous' || link.style === 'synchronous');
  if (crossing.length === 0) return null;
  const asynchronous = crossing.filter((link) => link.style === 'asynchronous');
  const evidence = dedupe(crossing.flatMap((link) => link.evidence.slice(0, 1)));
  return {
    title: asynchronous.length > 0 ? 'Events where nobody waits, calls where somebody does' : 'Synchronous calls between parts',
    context: evidence.slice(0, 3).map(quote),
    decision: `${crossing.length - asynchronous.length} link(s) are calls with an answer, ${asynchronous.length} pass work on without waiting ${derived(evidence.slice(0, 4))}.`,
    rationale: [
      asynchronous.length > 0
        ? `Slow or bursty work must not hold up the one who started it ${derived(dedupe(asynchronous.flatMap((link) => link.evidence.slice(0, 1))).slice(0, 3))}.`
        : 'Nothing in the input happens without somebody waiting for it; a queue would be one more thing to operate.',
    ],
    alternatives: [
      asynchronous.length > 0
        ? { name: 'Calls only', verdict: 'a slow receiver would slow every sender' }
        : { name: 'A message broker', verdict: 'no line of the input asks for work that outlives its caller' },
    ],
    consequences: [
      asynchronous.length > 0
        ? 'Receivers handle a message that arrives twice; order holds per source only.'
        : 'Timeouts and refusals are part of every interface.',
      `Section 4 lists every link; ${design.components.length} component(s) take part.`,
    ],
  };
}

export function identityAdr({ facts, design, security }: AdrSources): AdrDraft | null {
  const signals = signalsOf(facts);
  if (!signals.has('login') && !signals.has('roles')) return null;
  const provider = facts.technologies.find((technology) => technology.category === 'identity provider' && !technology.rejected);
  const sso = signals.has('sso');
  const evidence = [...signals.positive('sso'), ...signals.positive('mfa'), ...signals.positive('login'), ...signals.positive('roles')];
  return {
    title: sso ? 'Identity from an existing provider' : 'Own accounts with roles',
    context: dedupe(evidence).slice(0, 4).map(quote),
    decision: `${sso ? `People prove who they are at ${provider === undefined ? 'the identity provider' : escapeText(provider.name)}; this system checks its tokens` : 'The system keeps accounts, with passwords only as salted hashes'}${signals.has('mfa') ? ', with a second factor' : ''}; roles decide what is allowed ${derived(dedupe(evidence).slice(0, 4))}.`,
    rationale: [
      sso ? 'Accounts are opened and closed in one place.' : `The input names no identity provider ${ASSUMPTION}.`,
      `${security.threats.filter((threat) => threat.category === 'Spoofing' || threat.category === 'Elevation of privilege').length} threat(s) of section 7 rest on it.`,
    ],
    alternatives: [
      sso
        ? { name: 'Own passwords', verdict: 'a second account for people who have one' }
        : { name: 'An identity provider', verdict: 'none is named; the interface is kept so that one can be added' },
    ],
    consequences: [
      design.pattern.id === 'services'
        ? 'The entry checks tokens; services get the checked identity with each call.'
        : 'Every operation knows who asks; tests exist per role.',
    ],
  };
}

export function integrationAdr({ facts }: AdrSources): AdrDraft | null {
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

export function technologyAdr({ facts }: AdrSources): AdrDraft | null {
  const binding = facts.technologies.filter(
    (technology) => !technology.rejected && !['format', 'protocol', 'operating system'].includes(technology.category),
  );
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

export function migrationAdr({ data }: AdrSources): AdrDraft | null {
  if (data.migration === null) return null;
  return {
    title: 'Repeatable migration with rehearsal',
    context: data.migration.evidence.slice(0, 3).map(quote),
    decision: `Existing data is taken over by an import that can be run again, rehearsed before the cut-over ${derived(data.migration.evidence.slice(0, 3))}.`,
    rationale: ['A rehearsal shows what the data really is while there is still time.'],
    alternatives: [
      { name: 'Entering data again by hand', verdict: 'errors cannot be compared with the source' },
      { name: 'Both systems written at once', verdict: 'two truths; only if the input asks for it' },
    ],
    consequences: ['The old data stays readable until the owners sign the new off.'],
  };
}

export function offlineAdr({ facts, design }: AdrSources): AdrDraft | null {
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
    consequences: [
      syncing
        ? 'Every record carries an identity and a time of its own; repeats are recognised.'
        : 'Tests run with the network switched off.',
    ],
  };
}
