/** Fixed for ever: a run's partition is where its owner is looked up. */
export const PARTITIONS = 256;

/** The virtual partition of a run, 0 to 255: FNV-1a over the UTF-16 code units of its id. */
export function partitionOf(runId: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < runId.length; index++) hash = Math.imul(hash ^ runId.charCodeAt(index), 0x01000193);
  // The low byte alone depends on too little of the id.
  return ((hash >>> 24) ^ (hash >>> 16) ^ (hash >>> 8) ^ hash) & 0xff;
}
