import type { Metadata } from '@grpc/grpc-js';
import { TuttiError } from '@tutti/kernel';

/** How processes of one data folder know each other. */
export interface CallerTokens {
  /** What a call carries; another for each, or the same for a while. */
  issue(): Promise<string>;
  /** @throws TuttiError UNAUTHENTICATED */
  verify(token: string): Promise<unknown>;
}

const BEARER = 'Bearer ';

/** What goes along with a call. */
export async function callerMetadata(tokens: Pick<CallerTokens, 'issue'>): Promise<Readonly<Record<string, string>>> {
  return { authorization: `${BEARER}${await tokens.issue()}` };
}

/** @throws TuttiError UNAUTHENTICATED */
export async function checkCaller(metadata: Metadata, tokens: Pick<CallerTokens, 'verify'>): Promise<void> {
  const [carried] = metadata.get('authorization');
  if (typeof carried !== 'string' || !carried.startsWith(BEARER))
    throw new TuttiError('UNAUTHENTICATED', 'the call carries no token of a process of this data folder');
  await tokens.verify(carried.slice(BEARER.length));
}
