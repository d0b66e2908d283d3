import type { BrokerLink } from './broker-link.js';
import { OffsetLedger } from './offset-ledger.js';

/** What a group has behind it; nothing of partitions that it has not begun. */
export async function committedLedgers(link: BrokerLink, groupId: string, topic: string): Promise<Map<number, OffsetLedger>> {
  const found = await link.ask(`the positions of group ${groupId}`, (admin) => admin.fetchOffsets({ groupId, topics: [topic] }));
  const ledgers = new Map<number, OffsetLedger>();
  for (const { partition, offset, metadata } of found[0]?.partitions ?? []) {
    if (Number(offset) >= 0) ledgers.set(partition, OffsetLedger.parse(Number(offset), metadata));
  }
  return ledgers;
}

/** First offset that is there, and first that is not yet, of each partition. */
export type PartitionEnds = ReadonlyMap<number, { readonly first: number; readonly end: number }>;

export async function topicEnds(link: BrokerLink, topic: string): Promise<PartitionEnds> {
  const found = await link.ask(`the ends of ${topic}`, (admin) => admin.fetchTopicOffsets(topic));
  return new Map(found.map(({ partition, low, high }) => [partition, { first: Number(low), end: Number(high) }]));
}
