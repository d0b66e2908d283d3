/** Fixed for ever: a run's partition is where its owner is looked up. */
export const PARTITIONS = 256;

const CHILD_MARK = '~';
const CHILD_MARK_CODE = CHILD_MARK.charCodeAt(0);

/** The run that was started from outside, above this one or itself: a child's id is its root's, the mark, and a hash. */
export function rootOf(runId: string): string {
  const mark = runId.indexOf(CHILD_MARK);
  return mark < 0 ? runId : runId.slice(0, mark);
}

/** Id of a child run. @param hash hex over whose work it does */
export function childIdOf(parentId: string, hash: string): string {
  return `${rootOf(parentId)}${CHILD_MARK}${hash}`;
}

/** The virtual partition of a run, 0 to 255: FNV-1a over the UTF-16 code units of its root's id. A child is in that of its parent. */
export function partitionOf(runId: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < runId.length; index++) {
    const code = runId.charCodeAt(index);
    if (code === CHILD_MARK_CODE) break;
    hash = Math.imul(hash ^ code, 0x01000193);
  }
  // The low byte alone depends on too little of the id.
  return ((hash >>> 24) ^ (hash >>> 16) ^ (hash >>> 8) ^ hash) & 0xff;
}
