import { Text, Tooltip } from '@mantine/core';
import { useEffect, useState } from 'react';
import { browserSystem } from '../system/browser-system.js';
import { durationText, exactTime, relativeTime } from './format.js';

/** The time now, anew every `everyMs`; stands still with 0. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(() => browserSystem.now());
  useEffect(() => {
    if (everyMs === 0) return;
    let cancel = browserSystem.after(everyMs, tick);
    function tick(): void {
      setNow(browserSystem.now());
      cancel = browserSystem.after(everyMs, tick);
    }
    return () => cancel();
  }, [everyMs]);
  return now;
}

/** How long ago; exactly when, on hover and focus. */
export function Time({ at }: { readonly at: string | undefined }) {
  const now = useNow(at === undefined ? 0 : 10_000);
  if (at === undefined)
    return (
      <Text span c="dimmed" size="sm">
        –
      </Text>
    );
  const exact = exactTime(at);
  return (
    <Tooltip label={exact} events={{ hover: true, focus: true, touch: true }} withArrow>
      <time dateTime={at} title={exact} style={{ whiteSpace: 'nowrap' }}>
        {relativeTime(Date.parse(at), now)}
      </time>
    </Tooltip>
  );
}

/** How long it took, or has taken so far. */
export function Duration({ from, to }: { readonly from: string | undefined; readonly to: string | undefined }) {
  const now = useNow(from !== undefined && to === undefined ? 1_000 : 0);
  if (from === undefined)
    return (
      <Text span c="dimmed" size="sm">
        –
      </Text>
    );
  const end = to === undefined ? Math.max(now, Date.parse(from)) : Date.parse(to);
  return (
    <span data-duration style={{ whiteSpace: 'nowrap' }}>
      {durationText(end - Date.parse(from))}
    </span>
  );
}
