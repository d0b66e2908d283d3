import type { Delivery, SubscribeOptions } from '../event-bus.port.js';
import { Fifo } from '../fifo.js';
import type { Lane } from './lanes.js';

const DEFAULT_CONCURRENCY = 64;
const DEFAULT_MAX_DELIVERIES = 5;
const DEFAULT_RETRY_DELAY_MS = 200;
/** Doubling stops here. */
const MAX_RETRY_DELAY_MS = 60 * 60 * 1000;

/** A subscribed member: what it has in hand and what is next. */
export class Member {
  readonly name: string;
  readonly handle: (delivery: Delivery) => Promise<void>;
  readonly maxDeliveries: number;
  readonly ready = new Fifo<Lane>();
  inHand = 0;
  readonly #hash: number;
  readonly #concurrency: number;
  readonly #retryDelayMs: number;
  #onEmpty: (() => void) | null = null;

  constructor(options: SubscribeOptions) {
    this.name = options.member;
    this.handle = options.handle;
    this.maxDeliveries = options.maxDeliveries ?? DEFAULT_MAX_DELIVERIES;
    this.#concurrency = options.concurrency ?? DEFAULT_CONCURRENCY;
    this.#retryDelayMs = options.retryDelayMs ?? DEFAULT_RETRY_DELAY_MS;
    this.#hash = hashText(options.member);
  }

  get hasRoom(): boolean {
    return this.inHand < this.#concurrency;
  }

  retryDelayMs(deliveries: number): number {
    return Math.min(MAX_RETRY_DELAY_MS, this.#retryDelayMs * 2 ** Math.min(deliveries - 1, 50));
  }

  release(): void {
    this.inHand -= 1;
    if (this.inHand === 0) this.#onEmpty?.();
  }

  /** Resolves when nothing is in hand. */
  empty(): Promise<void> {
    if (this.inHand === 0) return Promise.resolve();
    return new Promise((resolve) => (this.#onEmpty = resolve));
  }

  /** Weight for a key: the member with the highest takes it, so a member that comes or goes moves only its own share of the keys. */
  weight(keyHash: number): number {
    let mixed = Math.imul(keyHash ^ this.#hash, 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return (mixed ^ (mixed >>> 16)) >>> 0;
  }
}

/** The member that a key sticks to while the members stay the same. */
export function memberForKey(members: ReadonlyMap<string, Member>, key: string): Member | undefined {
  if (members.size === 1) return members.values().next().value;
  const keyHash = hashText(key);
  let chosen: Member | undefined;
  let highest = -1;
  for (const member of members.values()) {
    const weight = member.weight(keyHash);
    if (weight <= highest) continue;
    highest = weight;
    chosen = member;
  }
  return chosen;
}

/** FNV-1a over UTF-16 code units. */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}
