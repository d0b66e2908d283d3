import { useEffect, useRef } from 'react';
import { browserSystem } from '../system/browser-system.js';

/** By what is typed: `/`, `g r` for one after the other, `mod+k` with Control or Command. */
export type Shortcuts = Readonly<Record<string, () => void>>;

/** The second key of a pair counts for so long. */
const PAIR_MS = 1_200;
const TYPING = 'input, textarea, select, [contenteditable="true"], [role="combobox"]';
const DIALOG = '[role="dialog"]';

/** The name of what was pressed; null for what no shortcut is made of. */
export function keyOf(event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey'>): string | null {
  if (event.altKey || ['Shift', 'Control', 'Meta', 'Alt'].includes(event.key)) return null;
  return event.ctrlKey || event.metaKey ? `mod+${event.key.toLowerCase()}` : event.key;
}

/** Which shortcut the key ends after the one before it: the pair, or the key alone. */
export function shortcutFor(names: readonly string[], before: string, key: string): string | null {
  const pair = `${before} ${key}`;
  if (before !== '' && names.includes(pair)) return pair;
  return names.includes(key) ? key : null;
}

/** Shortcuts of a part of the page for as long as it is shown. Nothing is taken from somebody who types or answers a dialog, but what goes with Control. */
export function useShortcuts(shortcuts: Shortcuts): void {
  const current = useRef(shortcuts);
  useEffect(() => {
    current.current = shortcuts;
  });
  useEffect(() => {
    let before = '';
    let forget = (): void => {};
    const listen = (event: KeyboardEvent): void => {
      const key = keyOf(event);
      if (key === null || event.defaultPrevented) return;
      const isFree = !(event.target instanceof Element && event.target.matches(TYPING)) && document.querySelector(DIALOG) === null;
      if (!isFree && !key.startsWith('mod+')) return;
      const found = shortcutFor(Object.keys(current.current), before, key);
      forget();
      before = key;
      forget = browserSystem.after(PAIR_MS, () => {
        before = '';
      });
      if (found === null) return;
      event.preventDefault();
      current.current[found]?.();
    };
    window.addEventListener('keydown', listen);
    return () => {
      window.removeEventListener('keydown', listen);
      forget();
    };
  }, []);
}

/** `j` and `k` go through the links that `selector` finds, in the order of the document; Enter follows the one that has the focus by itself. */
export function useRowKeys(selector: string): void {
  const go = (by: 1 | -1): void => {
    const rows = [...document.querySelectorAll<HTMLElement>(selector)];
    const at = rows.findIndex((row) => row === document.activeElement);
    const next = rows[at === -1 ? (by === 1 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + by))];
    next?.focus();
    next?.scrollIntoView({ block: 'nearest' });
  };
  useShortcuts({ j: () => go(1), k: () => go(-1) });
}
