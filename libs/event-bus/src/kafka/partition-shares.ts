/** What a member of a group has, by its own account. */
export interface MemberClaims {
  readonly id: string;
  /** Partitions that it reads, or still has messages in hand of. */
  readonly owned: readonly number[];
  /** Those of them with messages in hand: the last to be taken away. */
  readonly busy: readonly number[];
  /** The group's generation by which it has them. */
  readonly generation: number;
}

/**
 * Who reads which partitions next: each member about as many, and as few as possible move. A partition that must move goes to nobody until the one that has it no
 * longer claims it, so that no two members ever hand over its messages at once.
 */
export function assignPartitions(partitions: readonly number[], members: readonly MemberClaims[]): ReadonlyMap<string, readonly number[]> {
  const owners = ownersOf(partitions, members);
  const shares = new Map<string, number[]>(members.map(({ id }) => [id, []]));
  const inOrder = [...members].sort((a, b) => owned(owners, b.id).length - owned(owners, a.id).length || (a.id < b.id ? -1 : 1));
  const quotas = quotasOf(partitions.length, inOrder);
  for (const member of inOrder) {
    const mine = owned(owners, member.id).sort((a, b) => Number(member.busy.includes(b)) - Number(member.busy.includes(a)) || a - b);
    shares.get(member.id)?.push(...mine.slice(0, quotas.get(member.id)));
  }
  for (const partition of partitions.filter((each) => !owners.has(each))) {
    const poorest = inOrder
      .filter(({ id }) => (shares.get(id)?.length ?? 0) < (quotas.get(id) ?? 0))
      .sort((a, b) => (shares.get(a.id)?.length ?? 0) - (shares.get(b.id)?.length ?? 0))[0];
    if (poorest !== undefined) shares.get(poorest.id)?.push(partition);
  }
  return shares;
}

/** Of two that claim the same, it is with the one that heard of it last. */
function ownersOf(partitions: readonly number[], members: readonly MemberClaims[]): ReadonlyMap<number, string> {
  const known = new Set(partitions);
  const owners = new Map<number, string>();
  for (const { id, owned: claimed } of [...members].sort((a, b) => a.generation - b.generation)) {
    for (const partition of claimed) if (known.has(partition)) owners.set(partition, id);
  }
  return owners;
}

function owned(owners: ReadonlyMap<number, string>, id: string): number[] {
  return [...owners].filter(([, owner]) => owner === id).map(([partition]) => partition);
}

/** Those that have most keep the odd ones. */
function quotasOf(count: number, members: readonly MemberClaims[]): ReadonlyMap<string, number> {
  const each = Math.floor(count / Math.max(1, members.length));
  const odd = count - each * members.length;
  return new Map(members.map(({ id }, index) => [id, each + (index < odd ? 1 : 0)]));
}
