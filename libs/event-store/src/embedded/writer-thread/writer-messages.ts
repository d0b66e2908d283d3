import type { RowBatch } from '../row-batch.js';

export interface WriterThreadData {
  readonly file: string;
  /** Longest wait for a lock that another program holds on the file. */
  readonly lockWaitMs: number;
}

export type ToWriter = { readonly type: 'rows'; readonly rows: RowBatch } | { readonly type: 'checkpoint' } | { readonly type: 'close' };

export type FromWriter =
  /** The next so many batches are durable. */
  | { readonly type: 'committed'; readonly batches: number }
  /** The next batch is not, nor is any after it. `errcode` is SQLite's. */
  | { readonly type: 'failed'; readonly message: string; readonly errcode: number | null }
  | { readonly type: 'closed' };
