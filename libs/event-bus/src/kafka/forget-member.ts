import { brokerFault } from './broker-fault.js';
import type { BusCore } from './bus-core.js';
import { topicEnds } from './committed-offsets.js';
import { GroupReader, type Position } from './group-reader.js';
import { memberGroupId } from './group-names.js';
import { OffsetLedger } from './offset-ledger.js';
import { partitionOfMember } from './partitioner.js';

/**
 * Moves the group that a member is alone in to the end of its partition. Positions are only taken from who is in the group, so it is joined in the member's stead; should
 * the member come back at that moment, the broker takes one of the two.
 */
export async function forgetMember(core: BusCore, topic: string, group: string, member: string): Promise<void> {
  const groupId = memberGroupId(core.prefix, topic, group, member);
  const ends = await topicEnds(core.link, topic);
  let assigned: readonly number[] = [];
  const reader = new GroupReader({
    core,
    kafka: core.client(`forgetting ${member}`),
    topic,
    groupId,
    partitions: (known) => [partitionOfMember(topic, member, known)],
    sink: {
      onAssigned: (partitions) => void (assigned = partitions),
      onBatch: () => {},
      onLost: () => void (assigned = []),
      claims: () => ({ owned: assigned, busy: [] }),
    },
  });
  try {
    await reader.start();
    const positions = assigned.map((partition): Position => {
      const { end = 0 } = ends.get(partition) ?? {};
      return { partition, offset: end, metadata: new OffsetLedger(end).metadata(100) };
    });
    await reader.commit(positions);
  } catch (error) {
    throw brokerFault(`forgetting member ${member} of group ${group} on ${topic}`, error);
  } finally {
    await reader.stop();
  }
}
