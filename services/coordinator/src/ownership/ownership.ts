import { TuttiError } from '@tutti/kernel';

/**
 * Which runs this coordinator answers for. A belief, not a lock: two may hold the same partition for a while, and nothing is lost by it, because every
 * append names the revision that it builds on.
 */
export interface Ownership {
  /**
   * Nobody else ever appends to runs, and the store lives and dies with this process: there is nothing to follow. With a store elsewhere even an append of this
   * coordinator's own, whose answer got lost, may show only after the run was loaded again; say false then.
   */
  readonly alone: boolean;
  owns(runId: string): boolean;
  /**
   * False while another may have taken over without this coordinator knowing, since it has not heard of the others for as long as they wait for it. Whom it does not
   * hear of then may be with the next owner. Left out where nobody can take over.
   */
  readonly isCertain?: boolean;
  /** Called after partitions came or went; what `owns` answers is new then. Returns how to end it. */
  onChange(listener: () => void): () => void;
}

/** All partitions, for ever: the only coordinator there is, in one process with the store. */
export const SOLE_OWNERSHIP: Ownership = { alone: true, owns: () => true, onChange: () => () => undefined };

/** Says to try again: by then the caller knows the owner, or this one has become it. Nothing was begun. */
export function notOwner(runId: string): TuttiError {
  const message = `run ${runId} is in a partition that another coordinator answers for; ask there`;
  return new TuttiError('SHUTTING_DOWN', message, { details: { runId, begun: false } });
}
