/**
 * Gives every partition to one of those who are there, in shares that differ by one at most, and moves no more partitions than that takes: those of owners who are
 * not there, and what somebody has above his share. The same for all who ask with the same.
 *
 * @param owners by partition; null for nobody
 * @param present ids, each once; with nobody there all partitions are nobody's
 */
export function shareOut(owners: readonly (string | null)[], present: readonly string[]): readonly (string | null)[] {
  if (present.length === 0) return owners.map(() => null);
  const held = new Map<string, number[]>([...present].sort().map((id) => [id, []]));
  const free: number[] = [];
  owners.forEach((owner, partition) => (held.get(owner ?? '') ?? free).push(partition));
  const shares = sharesOf(held, owners.length);
  for (const [id, partitions] of held) free.push(...partitions.splice(shares.get(id) ?? 0));
  const next: (string | null)[] = [...owners];
  for (const [id, { length }] of held) for (const partition of free.splice(0, (shares.get(id) ?? 0) - length)) next[partition] = id;
  return next;
}

/** One more goes to those who have the most already: what they have above the rest need not move. */
function sharesOf(held: ReadonlyMap<string, readonly number[]>, partitions: number): ReadonlyMap<string, number> {
  const least = Math.floor(partitions / held.size);
  const withOneMore = partitions % held.size;
  const byWhatTheyHave = [...held].sort(([, one], [, other]) => other.length - one.length).map(([id]) => id);
  return new Map(byWhatTheyHave.map((id, place) => [id, place < withOneMore ? least + 1 : least]));
}
