import { AssignerProtocol, type PartitionAssigner, type PartitionMetadata } from 'kafkajs';
import { assignPartitions, type MemberClaims } from './partition-shares.js';

const NAME = 'tutti-cooperative';
const VERSION = 1;

export interface CooperativeAssignerOptions {
  readonly topic: string;
  /** Which of the topic's partitions this group reads. */
  readonly partitions: (all: PartitionMetadata[]) => readonly number[];
  /** What this member has at the moment that it joins. */
  readonly claims: () => Omit<MemberClaims, 'id'>;
}

/** Tells the leader of the group what each member has, so that partitions stay where they are and move only once they are let go of. */
export function cooperativeAssigner({ topic, partitions, claims }: CooperativeAssignerOptions): PartitionAssigner {
  return ({ cluster }) => ({
    name: NAME,
    version: VERSION,
    protocol: ({ topics }) => ({
      name: NAME,
      metadata: AssignerProtocol.MemberMetadata.encode({ version: VERSION, topics, userData: Buffer.from(JSON.stringify(claims())) }),
    }),
    assign: async ({ members }) => {
      const shares = assignPartitions(
        partitions(cluster.findTopicPartitionMetadata(topic)),
        members.map(({ memberId, memberMetadata }) => ({ id: memberId, ...claimsOf(memberMetadata) })),
      );
      return members.map(({ memberId }) => ({
        memberId,
        memberAssignment: AssignerProtocol.MemberAssignment.encode({
          version: VERSION,
          assignment: { [topic]: [...(shares.get(memberId) ?? [])] },
          userData: Buffer.alloc(0),
        }),
      }));
    },
  });
}

function claimsOf(memberMetadata: Buffer): Omit<MemberClaims, 'id'> {
  try {
    const { userData } = AssignerProtocol.MemberMetadata.decode(memberMetadata) ?? {};
    const { owned, busy, generation } = JSON.parse(String(userData)) as Omit<MemberClaims, 'id'>;
    if (Array.isArray(owned) && Array.isArray(busy) && typeof generation === 'number') return { owned, busy, generation };
  } catch {
    // A member of another kind, which has nothing to say.
  }
  return { owned: [], busy: [], generation: -1 };
}
