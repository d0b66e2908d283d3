import { createContext, useContext } from 'react';
import type { FeedSocket, FeedState } from './feed-socket.js';

export interface Live {
  readonly feed: FeedSocket;
  readonly state: FeedState;
}

export const LiveContext = createContext<Live | null>(null);

export function useLive(): Live {
  const live = useContext(LiveContext);
  if (live === null) throw new Error('there is no live feed above this part of the page');
  return live;
}
