import type { DamageSurvey } from '@tutti/event-store/embedded';

const MOST_NAMED = 20;

/** In words: how many events, and which runs and other streams, with revision and position. */
export function describeLosses({ file, lost, lostCount }: DamageSurvey): string {
  const events = lost.slice(0, MOST_NAMED).map(({ stream, revision, position, message }) => {
    const at = position === null ? '' : `position ${position}`;
    const place = stream === '' ? at : `${stream} revision ${revision}${at === '' ? '' : ` (${at})`}`;
    return `${place} ${message}`;
  });
  const more = lostCount > events.length ? [`and ${lostCount - events.length} more`] : [];
  const streams = new Set(lost.map(({ stream }) => stream).filter((stream) => stream !== ''));
  const total = lostCount === 0 ? [] : [`${lostCount} events lost or changed${streams.size === 0 ? '' : `, in ${streams.size} streams`}`];
  return [...total, ...events, ...more, ...file].join('; ');
}
