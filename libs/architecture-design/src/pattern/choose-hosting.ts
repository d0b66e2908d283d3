import type { Hosting } from '../model/design.schema.js';
import type { Facts } from '../model/facts.schema.js';
import { distinctEvidence } from '../reading/source-document.js';
import { patternById } from './patterns.js';
import { signalsOf } from './signal-view.js';

/** Where it runs. What the input rules out is never chosen; what it leaves open stays open. */
export function chooseHosting(facts: Facts, patternId: string): Hosting {
  const hosting = placeOf(facts, patternId);
  return { ...hosting, evidence: distinctEvidence(hosting.evidence, 4) };
}

function placeOf(facts: Facts, patternId: string): Hosting {
  const signals = signalsOf(facts);
  const against = signals.negative('cloud');
  const cloudExcluded = against.length > 0;
  const own = signals.positive('on-premises');
  const provider = facts.technologies.find((technology) => technology.category === 'cloud provider' && !technology.rejected) ?? null;
  if (!patternById(patternId).served) {
    const device = patternId === 'on-device' || patternId === 'local-app';
    return {
      kind: device ? 'device' : 'none',
      provider: null,
      cloudExcluded,
      reason: device ? 'the software runs on the device or machine of the person using it' : 'nothing of it runs on a server',
      evidence: [...against, ...own].slice(0, 4),
    };
  }
  if (cloudExcluded)
    return {
      kind: 'on-premises',
      provider: null,
      cloudExcluded,
      reason: 'the input rules out machines of a provider, so everything runs on the operator’s own',
      evidence: [...against, ...own].slice(0, 4),
    };
  const cloud = [...signals.positive('cloud'), ...(provider?.evidence ?? [])];
  if (own.length > 0 && own.length >= signals.positive('cloud').length)
    return {
      kind: 'on-premises',
      provider: null,
      cloudExcluded: false,
      reason: 'the input places it on the operator’s own machines',
      evidence: own.slice(0, 4),
    };
  if (cloud.length > 0 || patternId === 'serverless') {
    const evidence = cloud.length > 0 ? cloud : signals.positive('wants-serverless');
    return {
      kind: 'cloud',
      provider: provider?.name ?? null,
      cloudExcluded: false,
      reason: provider === null ? 'the input places it with a provider and names none' : 'the input names the provider',
      evidence: [...evidence].slice(0, 4),
    };
  }
  return { kind: 'open', provider: null, cloudExcluded: false, reason: 'the input does not say where it runs', evidence: [] };
}
