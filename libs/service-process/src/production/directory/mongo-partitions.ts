import { PARTITIONS } from '@tutti/contracts';
import { toTuttiError, type Runtime } from '@tutti/kernel';
import type { Logger } from '@tutti/service-kit';
import type { PartitionTable, RunPartitions } from '../../directory/directory.port.js';
import { TABLE_ID, type TableDocument } from './directory-documents.js';
import type { DirectoryStore, DirectoryView } from './directory-store.js';
import type { Membership } from './membership.js';
import { shareOut } from './share-out.js';

interface MongoPartitionsParts {
  readonly store: Pick<DirectoryStore, 'table' | 'changeTable'>;
  readonly membership: Pick<Membership, 'id' | 'document' | 'change' | 'look' | 'present' | 'onView' | 'onWake' | 'isAwake' | 'isCertain'>;
  readonly runtime: Pick<Runtime, 'timers'>;
  readonly logger: Logger;
}

const NOBODYS: PartitionTable = { version: 0, owners: Array<null>(PARTITIONS).fill(null), addresses: new Map() };
const MOST_TRIES = 10;
const JOIN_AGAIN_MS = 500;
/** A look that was under way may find an older table than the one that is known; again and again, it is another one. */
const OLDER_LOOKS = 3;

/** One table for all. Every coordinator sees to it that the shares are fair, and the version lets one of them change it at a time. */
export class MongoPartitions implements RunPartitions {
  private known: PartitionTable = NOBODYS;
  private readonly listeners = new Set<() => void>();
  private joined = false;
  private olderLooks = 0;
  private balancing: Promise<void> | null = null;

  constructor(private readonly parts: MongoPartitionsParts) {
    parts.membership.onView((view) => this.saw(view));
    parts.membership.onWake(() => this.tell());
  }

  get table(): PartitionTable {
    return this.known;
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  get isAwake(): boolean {
    return this.parts.membership.isAwake;
  }

  get isCertain(): boolean {
    return this.parts.membership.isCertain;
  }

  refresh(): Promise<void> {
    return this.parts.membership.look();
  }

  /** Tries on and on: a coordinator without a share is of no use. Ends when it was left meanwhile. */
  async join(address: string): Promise<string> {
    const { membership, runtime, logger } = this.parts;
    this.joined = true;
    for (let tries = 0; this.joined && !this.known.addresses.has(membership.id); tries++) {
      try {
        await membership.change({ shares: address });
        // Others are taken for gone or not by what was seen of them: a look comes first.
        await membership.look();
        await this.balance();
        if (this.known.addresses.has(membership.id)) break;
      } catch (error) {
        if (tries === 0) logger.warn('no share of the runs yet; it is tried again', { err: toTuttiError(error) });
      }
      await new Promise<void>((resolve) => runtime.timers.after(JOIN_AGAIN_MS, resolve));
    }
    return membership.id;
  }

  /** Never rejects: if it does not work out, the lease runs out. */
  async leave(): Promise<void> {
    if (!this.joined) return;
    this.joined = false;
    const { membership, logger } = this.parts;
    try {
      await this.balancing;
      await membership.change({ shares: null });
      await membership.look();
      await this.balanceNow();
    } catch (error) {
      logger.debug('partitions could not be handed back; they move with the lease', { err: error });
    }
  }

  private saw({ table }: DirectoryView): void {
    this.olderLooks = table !== null && table.version < this.known.version ? this.olderLooks + 1 : 0;
    if (table !== null && (this.olderLooks === 0 || this.olderLooks >= OLDER_LOOKS)) this.learn(table);
    if (this.joined) this.balance().catch((error: unknown) => this.parts.logger.debug('shares were not looked at', { err: error }));
  }

  private learn(document: TableDocument): void {
    if (document.version === this.known.version) return;
    const mine = (table: PartitionTable): number => table.owners.filter((owner) => owner === this.parts.membership.id).length;
    const before = this.known;
    this.known = tableOf(document);
    this.parts.logger.debug('partitions have moved', { version: document.version, coordinators: document.members.length });
    if (mine(before) !== mine(this.known))
      this.parts.logger.info('answers for partitions', { count: mine(this.known), before: mine(before) });
    this.tell();
  }

  private tell(): void {
    for (const listener of [...this.listeners]) listener();
  }

  private balance(): Promise<void> {
    return (this.balancing ??= this.balanceNow().finally(() => (this.balancing = null)));
  }

  private async balanceNow(): Promise<void> {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const after = this.balanced();
      if (after === null) return;
      if (await this.parts.store.changeTable(after)) return this.learn(after);
      const now = await this.parts.store.table();
      this.learn(now ?? documentOf(0, NOBODYS.owners, new Map()));
      // It may name who was not there yet at the last look.
      await this.parts.membership.look();
    }
  }

  /** Null when everything is as it should be. */
  private balanced(): TableDocument | null {
    const { membership } = this.parts;
    const addresses = new Map(membership.present().flatMap(({ _id, shares }) => (shares === null ? [] : [[_id, shares] as const])));
    // This process knows best what it does itself.
    if (!this.joined) addresses.delete(membership.id);
    else if (membership.document.shares !== null) addresses.set(membership.id, membership.document.shares);
    const { version, owners, addresses: before } = this.known;
    const next = shareOut(owners, [...addresses.keys()]);
    const isSame = owners.every((owner, partition) => owner === next[partition]);
    const sameMembers = before.size === addresses.size && [...addresses].every(([id, address]) => before.get(id) === address);
    return isSame && sameMembers ? null : documentOf(version + 1, next, addresses);
  }
}

function tableOf({ version, members, owners }: TableDocument): PartitionTable {
  return {
    version,
    owners: owners.map((place) => members[place]?.id ?? null),
    addresses: new Map(members.map(({ id, address }) => [id, address])),
  };
}

function documentOf(version: number, owners: readonly (string | null)[], addresses: ReadonlyMap<string, string>): TableDocument {
  const members = [...addresses].map(([id, address]) => ({ id, address })).sort((one, other) => (one.id < other.id ? -1 : 1));
  const places = new Map(members.map(({ id }, place) => [id, place]));
  return { _id: TABLE_ID, version, members, owners: owners.map((owner) => places.get(owner ?? '') ?? -1) };
}
