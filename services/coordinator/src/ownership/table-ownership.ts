import { PARTITIONS, partitionOf } from '@tutti/contracts';
import type { RunPartitions } from '@tutti/service-process';
import type { Ownership } from './ownership.js';

/** What the table of all coordinators says of this one. Owns nothing before it has joined, nor while it cannot trust what it knew before it was stopped. */
export class TableOwnership implements Ownership {
  readonly alone = false;
  private id: string | null = null;
  private mine: readonly boolean[] = Array<boolean>(PARTITIONS).fill(false);
  /** Something was refused that may be its own. */
  private doubted = false;
  private readonly listeners = new Set<() => void>();

  constructor(private readonly partitions: Pick<RunPartitions, 'table' | 'onChange' | 'join' | 'leave' | 'isAwake' | 'isCertain'>) {
    partitions.onChange(() => this.learn());
  }

  owns(runId: string): boolean {
    if (this.mine[partitionOf(runId)] !== true) return false;
    if (this.partitions.isAwake) return true;
    this.doubted = true;
    return false;
  }

  get isCertain(): boolean {
    return this.partitions.isCertain;
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Takes a share of all runs. @param address where this coordinator listens for calls and workers */
  async join(address: string): Promise<void> {
    this.id = await this.partitions.join(address);
    this.learn();
  }

  /** Hands the share back: when nothing here appends to runs any more. */
  leave(): Promise<void> {
    return this.partitions.leave();
  }

  private learn(): void {
    const { owners } = this.partitions.table;
    const before = this.mine;
    this.mine = owners.map((owner) => owner !== null && owner === this.id);
    const isSame = this.mine.every((isMine, partition) => isMine === before[partition]);
    if (isSame && !(this.doubted && this.partitions.isAwake)) return;
    // What it let go of meanwhile, or passed over, is taken up again.
    this.doubted = false;
    for (const listener of [...this.listeners]) listener();
  }
}
