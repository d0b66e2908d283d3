import { z } from 'zod';

export const runId = z.string().min(1, 'expected the id of a run').max(200);
export const actor = z.string().min(1, 'expected who does it, like "user:ann"').max(200);
export const reason = z.string().max(2_000).default('');

export function isCountIn(values: object, least: number, most: number): boolean {
  const count = Object.keys(values).length;
  return count >= least && count <= most;
}
