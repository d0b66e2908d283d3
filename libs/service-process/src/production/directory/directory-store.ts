import { isTuttiError } from '@tutti/kernel';
import type { MongoConnection } from '@tutti/read-models/mongodb';
import { TABLE_ID, type MemberDocument, type SeatDocument, type TableDocument } from './directory-documents.js';

/** Everything that a look at the directory finds. */
export interface DirectoryView {
  readonly members: readonly MemberDocument[];
  readonly seats: ReadonlyMap<string, SeatDocument>;
  /** Null when it has the version that is known. */
  readonly table: TableDocument | null;
}

const DUPLICATE_KEY = 11000;

/** The documents of the directory. Every call throws STORE_UNAVAILABLE, which may be tried again, while the database is away. */
export class DirectoryStore {
  constructor(private readonly mongo: Pick<MongoConnection, 'connection' | 'use'>) {}

  /**
   * Members are read last: whoever has a seat or partitions in what was read before was written down as a member before he got them.
   *
   * @param knownTable version of the table that need not be read again
   */
  async look(knownTable: number): Promise<DirectoryView> {
    return this.mongo.use(async () => {
      const [seats, table] = await Promise.all([
        this.seats.find({}).toArray(),
        this.tables.findOne({ _id: TABLE_ID, version: { $ne: knownTable } }),
      ]);
      const members = await this.members.find({}).toArray();
      return { members, seats: new Map(seats.map((seat) => [seat._id, seat])), table };
    });
  }

  async table(): Promise<TableDocument | null> {
    return this.mongo.use(() => this.tables.findOne({ _id: TABLE_ID }));
  }

  /** There is one writer of each. */
  async putMember(member: MemberDocument): Promise<void> {
    await this.mongo.use(() => this.members.replaceOne({ _id: member._id }, member, { upsert: true }));
  }

  /** Unless it has given a sign of life since. */
  async dropMember({ _id, beat }: Pick<MemberDocument, '_id' | 'beat'>): Promise<void> {
    await this.mongo.use(() => this.members.deleteOne({ _id, beat }));
  }

  /** @returns whether it took place: nobody has changed it since `before` */
  async changeSeat(before: SeatDocument | null, role: string, holder: string | null): Promise<boolean> {
    const after = { _id: role, version: (before?.version ?? 0) + 1, holder };
    return before === null
      ? this.inserted(() => this.seats.insertOne(after))
      : this.replaced(() => this.seats.replaceOne({ _id: role, version: before.version }, after));
  }

  /** @returns whether it took place: the table had the version before that of `after` */
  async changeTable(after: TableDocument): Promise<boolean> {
    return after.version === 1
      ? this.inserted(() => this.tables.insertOne(after))
      : this.replaced(() => this.tables.replaceOne({ _id: TABLE_ID, version: after.version - 1 }, after));
  }

  private async replaced(replace: () => Promise<{ readonly modifiedCount: number }>): Promise<boolean> {
    return (await this.mongo.use(replace)).modifiedCount === 1;
  }

  private async inserted(insert: () => Promise<unknown>): Promise<boolean> {
    try {
      await this.mongo.use(insert);
      return true;
    } catch (error) {
      if (isTuttiError(error) && isDuplicate(error.cause)) return false;
      throw error;
    }
  }

  private get members() {
    return this.mongo.connection.collection<MemberDocument>('directory_members');
  }

  private get seats() {
    return this.mongo.connection.collection<SeatDocument>('directory_seats');
  }

  private get tables() {
    return this.mongo.connection.collection<TableDocument>('directory_partitions');
  }
}

function isDuplicate(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === DUPLICATE_KEY;
}
