import { TuttiError, type Runtime } from '@tutti/kernel';
import type { MongoConnection } from '@tutti/read-models/mongodb';
import type { Logger, ServiceInfo, ServiceRole } from '@tutti/service-kit';
import type { Directory, Seat } from '../../directory/directory.port.js';
import { DirectoryStore } from './directory-store.js';
import { Membership, type MemberIdentity } from './membership.js';
import { MongoPartitions } from './mongo-partitions.js';
import { MongoSeat } from './mongo-seat.js';

export interface MongoDirectoryOptions {
  readonly mongo: Pick<MongoConnection, 'connection' | 'use' | 'where'>;
  readonly who: MemberIdentity;
  /** A process that is not heard of for so long is taken for gone. */
  readonly leaseMs: number;
  /** How often it beats, and looks at the others. */
  readonly pollMs: number;
  readonly runtime: Pick<Runtime, 'clock' | 'timers' | 'ids'>;
  readonly logger: Logger;
}

/** Documents in the database that all processes of an installation share: whoever has the database has the same one. */
export class MongoDirectory implements Directory {
  readonly partitions: MongoPartitions;
  private readonly membership: Membership;
  private readonly store: DirectoryStore;
  private readonly seats = new Set<MongoSeat>();

  /** Begins to beat at once. */
  constructor(private readonly options: MongoDirectoryOptions) {
    const { mongo, runtime, logger } = options;
    this.store = new DirectoryStore(mongo);
    this.membership = new Membership({ ...options, store: this.store, knownTable: () => this.partitions.table.version });
    this.partitions = new MongoPartitions({ store: this.store, membership: this.membership, runtime, logger });
    this.membership.begin();
  }

  /** What stands for this process, among others in the partition table. */
  get id(): string {
    return this.membership.id;
  }

  /** False when this process was stopped for longer than its lease, until it has looked again: what it believes to have may be another's. */
  get isAwake(): boolean {
    return this.membership.isAwake;
  }

  async announce(role: ServiceRole, address: string): Promise<void> {
    await this.changed({ ...this.membership.document.roles, [role]: address });
  }

  async withdraw(role: ServiceRole): Promise<void> {
    const { [role]: _, ...others } = this.membership.document.roles;
    await this.changed(others);
  }

  async find(role: ServiceRole): Promise<ServiceInfo> {
    if (this.newest(role) === null) await this.membership.look();
    const found = this.newest(role);
    if (found === null) throw new TuttiError('SHUTTING_DOWN', `nobody is there for ${role} in ${this.options.mongo.where} now`);
    return found;
  }

  seat(role: string): Seat {
    const { store, membership } = this;
    const onLeft = (): void => void this.seats.delete(seat);
    const seat: MongoSeat = new MongoSeat({ role, store, membership, logger: this.options.logger, onLeft });
    this.seats.add(seat);
    return seat;
  }

  /** Hands back what it has, and takes it that nobody asks for this process any more. */
  async close(): Promise<void> {
    await this.partitions.leave();
    await Promise.all([...this.seats].map((seat) => seat.leave()));
    await this.membership.close();
  }

  /** Ids of members grow with time, give or take the differences of clocks. */
  private newest(role: ServiceRole): ServiceInfo | null {
    const found = this.membership.present().filter(({ roles }) => roles[role] !== undefined);
    const newest = found.reduce<(typeof found)[number] | null>((one, other) => (one === null || one._id < other._id ? other : one), null);
    const address = newest?.roles[role];
    return newest === null || address === undefined ? null : { address, pid: newest.pid };
  }

  private async changed(roles: Readonly<Partial<Record<ServiceRole, string>>>): Promise<void> {
    try {
      await this.membership.change({ roles });
    } catch (error) {
      this.options.logger.debug('others learn of it with the next sign of life', { err: error });
    }
  }
}
