import { resolve, sep } from 'node:path';
import { RE2JS } from 're2js';

/** Source of what is found in a folder. */
export function fileSource(folder: string): string {
  return `/files${resolve(folder).replaceAll(sep, '/')}`;
}

/** Whether a path below the folder, with "/" between its parts, is meant. Linear in time, whatever the pattern. */
export function filePattern(pattern: string): (path: string) => boolean {
  const parts = pattern.split(/(\*\*\/|\*\*|\*|\?)/).map((part) => {
    if (part === '**/') return '(?:[^/]+/)*';
    if (part === '**') return '.*';
    if (part === '*') return '[^/]*';
    if (part === '?') return '[^/]';
    return RE2JS.quote(part);
  });
  const compiled = RE2JS.compile(parts.join(''), RE2JS.DOTALL);
  return (path) => compiled.matches(path);
}
