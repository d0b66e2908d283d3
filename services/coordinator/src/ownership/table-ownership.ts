import { PARTITIONS, partitionOf } from '@tutti/contracts';
import type { RunPartitions } from '@tutti/service-process';
import type { Ownership } from './ownership.js';

/** What the table of all coordinators says of this one. Owns nothing before it has joined, nor while it cannot trust what it knew before it was stopped. */
export class TableOwnership implements Ownership {
  readonly alone = false;
  private id: string | null = null;
  private mine: readonly boolean[] = Array<boolean>(PARTITIONS).fill(false);
  private readonly listeners = new Set<() => void>();

  constructor(private readonly partitions: Pick<RunPartitions, 'table' | 'onChange' | 'join' | 'leave' | 'isAwake'>) {
    partitions.onChange(() => this.learn());
  }

  owns(runId: string): boolean {
    return this.mine[partitionOf(runId)] === true && this.partitions.isAwake;
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
    if (this.mine.every((isMine, partition) => isMine === before[partition])) return;
    for (const listener of [...this.listeners]) listener();
  }
}
