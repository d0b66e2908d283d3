import type { Blobs } from '../blobs.port.js';

/** Blobs under test, whatever they are kept in. Normalises adapters; has no say in what they promise. */
export interface BlobsHarness {
  /** Those that are open now: others after `reopen`. */
  readonly blobs: Blobs;
  /** Changes a bit of what is stored, as a failing disk does. */
  damage(tenant: string, hash: string): Promise<void>;
  /** Moves the clock that the blobs live by. */
  elapse(ms: number): Promise<void>;
  /** Goes on as another process after a kill: nothing in memory survives. */
  reopen(): Promise<void>;
  close(): Promise<void>;
}

/** One guarantee. Rejects where the blobs do not keep it. */
export interface BlobsContractCase {
  readonly name: string;
  readonly run: (harness: BlobsHarness) => Promise<void>;
}
