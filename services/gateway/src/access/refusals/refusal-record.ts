import type { AccessEvent } from '@tutti/contracts';
import { isoTime } from '@tutti/kernel';

const MOST_VALUES = 10;
const LONGEST_VALUE = 200;

type Refused = Extract<AccessEvent, { readonly type: 'AccessRefused' }>['data'];
export type RefusalKind = Refused['kind'];

export interface Refusal {
  readonly address: string;
  /** Empty for nobody that is known. */
  readonly actor: string;
  /** The permission that was missing, or the host or origin that was named; empty for neither. Never a credential. */
  readonly wanted: string;
}

/** Refusals of one kind that become one event: their number, and the first ten of where they came from. */
export class RefusalRecord {
  private count = 0;
  private sinceMs = 0;
  private untilMs = 0;
  private readonly addresses = new Map<string, number>();
  private readonly actors = new Map<string, number>();
  private readonly wanted = new Map<string, number>();

  constructor(private readonly kind: RefusalKind) {}

  get isEmpty(): boolean {
    return this.count === 0;
  }

  add({ address, actor, wanted }: Refusal, nowMs: number): void {
    if (this.count === 0) this.sinceMs = nowMs;
    this.count += 1;
    this.untilMs = nowMs;
    addTo(this.addresses, address);
    addTo(this.actors, actor);
    addTo(this.wanted, wanted);
  }

  data(): Refused {
    const { kind, count, sinceMs, untilMs } = this;
    const lists = { addresses: listOf(this.addresses), actors: listOf(this.actors), wanted: listOf(this.wanted) };
    return { kind, count, since: isoTime(sinceMs), until: isoTime(untilMs), ...lists };
  }
}

function addTo(counts: Map<string, number>, value: string): void {
  if (value === '') return;
  const short = value.slice(0, LONGEST_VALUE).toWellFormed();
  const before = counts.get(short);
  if (before !== undefined || counts.size < MOST_VALUES) counts.set(short, (before ?? 0) + 1);
}

function listOf(counts: ReadonlyMap<string, number>): { readonly value: string; readonly count: number }[] {
  return [...counts].map(([value, count]) => ({ value, count }));
}
