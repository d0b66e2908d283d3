import type { Evidence, Named } from '../model/evidence.schema.js';
import { termKey, titled } from '../language/words.js';

/** Gathers concepts under one key ("work order" = "Work orders"), keeping the first spelling and every place. */
export class Collected {
  private readonly byKey = new Map<string, { name: string; evidence: Evidence[]; weight: number }>();

  public add(name: string, evidence: Evidence, weight = 1): void {
    const clean = name.replace(/\s+/g, ' ').trim();
    const key = termKey(clean);
    if (key === '') return;
    const known = this.byKey.get(key);
    if (known === undefined) {
      this.byKey.set(key, { name: titled(clean), evidence: [evidence], weight });
      return;
    }
    known.weight += weight;
    if (known.evidence.length < 6 && !known.evidence.some((one) => one.from === evidence.from && one.to === evidence.to))
      known.evidence.push(evidence);
  }

  public has(name: string): boolean {
    return this.byKey.has(termKey(name));
  }

  public get size(): number {
    return this.byKey.size;
  }

  /** The strongest first where there are more than `limit`; always shown in the order of the document. */
  public list(limit: number, leastWeight = 0): (Named & { readonly weight: number })[] {
    const kept = [...this.byKey.values()].filter((one) => one.weight >= leastWeight);
    const strongest = kept.sort((a, b) => b.weight - a.weight || firstLine(a) - firstLine(b)).slice(0, limit);
    return strongest.sort((a, b) => firstLine(a) - firstLine(b) || a.name.localeCompare(b.name, 'en'));
  }
}

function firstLine(one: { readonly evidence: readonly Evidence[] }): number {
  return one.evidence[0]?.from ?? 0;
}
