import { Partitioners, type ICustomPartitioner, type PartitionMetadata } from 'kafkajs';
import { headerText, MEMBER_HEADER } from './kafka-message.js';

type Choose = ReturnType<ICustomPartitioner>;

/** The hash that the Java client takes too, so that other producers with the same keys reach the same partitions. */
const byKey: Choose = Partitioners.DefaultPartitioner();

/** Messages for a member stand where that member alone looks for them, all others where their key belongs. */
export const createPartitioner: ICustomPartitioner = () => (given) => {
  const member = headerText(given.message.headers, MEMBER_HEADER);
  return member === undefined ? byKey(given) : byKey({ ...given, message: { ...given.message, key: member } });
};

/** The partition of a topic in which messages for this member stand. */
export function partitionOfMember(topic: string, member: string, partitionMetadata: PartitionMetadata[]): number {
  return byKey({ topic, partitionMetadata, message: { key: member, value: null } });
}
