import type { Driver, Facts } from '../model/facts.schema.js';
import type { Evidence } from '../model/evidence.schema.js';
import { qualityLabel } from './qualities.js';

const MOST = 24;

/** What shapes the architecture, heaviest kind first: constraints, numbers, qualities, neighbours, sensitive data, extent. */
export function findDrivers(facts: Facts): Driver[] {
  const drivers: Omit<Driver, 'id'>[] = [];
  for (const constraint of facts.constraints.slice(0, 10))
    drivers.push({ kind: 'constraint', evidence: [constraint], consequence: 'limits the choices of pattern, hosting and technology' });
  for (const measure of facts.measures.slice(0, 8))
    drivers.push({
      kind: 'performance',
      evidence: [{ text: measure.text, from: measure.from, to: measure.to }],
      consequence: `sets a target for ${measure.kind.replace('-', ' ')}: ${measure.value}`,
    });
  for (const quality of facts.qualities) {
    if (quality.id === 'performance' && facts.measures.length > 0) continue;
    drivers.push({
      kind: 'quality',
      evidence: quality.evidence.slice(0, 3),
      consequence: `${qualityLabel(quality.id)} has to be designed in and checked`,
    });
  }
  for (const external of facts.externals)
    drivers.push({
      kind: 'integration',
      evidence: external.evidence.slice(0, 2),
      consequence: `${external.name} stands outside the boundary; its failure must not spread`,
    });
  const extent = facts.requirements.filter((requirement) => requirement.kind === 'function');
  if (extent.length > 0)
    drivers.push({
      kind: 'function',
      evidence: extent.slice(0, 3).map(evidenceOf),
      consequence: `${extent.length} functional requirement(s) in ${Math.max(1, facts.areas.length)} area(s) set the extent`,
    });
  if (drivers.length === 0) {
    drivers.push({
      kind: 'gap',
      evidence: facts.summary.slice(0, 1),
      consequence: 'the input has text but no requirement that the engine can read; the design below rests on its defaults',
    });
  }
  return merged(drivers)
    .slice(0, MOST)
    .map((driver, index) => ({ ...driver, id: `D${index + 1}` }));
}

/** One driver per place of the input: the same sentence twice says nothing more. */
function merged(drivers: readonly Omit<Driver, 'id'>[]): Omit<Driver, 'id'>[] {
  const byPlace = new Map<string, Omit<Driver, 'id'>>();
  for (const driver of drivers) {
    const first = driver.evidence[0];
    const key =
      first === undefined || driver.kind === 'quality' || driver.kind === 'function'
        ? `${driver.kind} ${driver.consequence}`
        : `${first.from} ${first.to} ${first.text}`;
    const known = byPlace.get(key);
    if (known === undefined) byPlace.set(key, driver);
    else if (!known.consequence.includes(driver.consequence))
      byPlace.set(key, { ...known, consequence: `${known.consequence}; ${driver.consequence}` });
  }
  return [...byPlace.values()];
}

function evidenceOf(said: Evidence): Evidence {
  return { text: said.text, from: said.from, to: said.to };
}
