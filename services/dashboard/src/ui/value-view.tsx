import { Box, Group, SegmentedControl, Skeleton, Text } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { byteText } from './format.js';
import { JsonView } from './json-view.js';
import { readingOf, type Reading } from './readable.js';
import classes from './value-view.module.css';

const Markdown = lazy(() => import('./markdown.js').then((of) => ({ default: of.Markdown })));

interface ValueViewProps {
  readonly value: unknown;
  /** What it is, for those who cannot see where it stands. */
  readonly label: string;
}

/** A value to be read: documents as documents, members by name. "As recorded" shows every character of it. */
export function ValueView({ value, label }: ValueViewProps) {
  const reading = readingOf(value);
  const [isRaw, setIsRaw] = useState(false);
  if (reading.kind === 'json') return <JsonView value={value} label={label} />;
  return (
    <div>
      <Group justify="flex-end" mb={6}>
        <SegmentedControl
          size="xs"
          aria-label={`How to show ${label}`}
          data={[
            { value: 'readable', label: 'Readable' },
            { value: 'raw', label: 'As recorded' },
          ]}
          value={isRaw ? 'raw' : 'readable'}
          onChange={(chosen) => setIsRaw(chosen === 'raw')}
        />
      </Group>
      {isRaw ? <JsonView value={value} label={label} /> : <Readable reading={reading} label={label} />}
    </div>
  );
}

function Readable({ reading, label }: { readonly reading: Reading; readonly label: string }) {
  return (
    <Box className={classes['frame']} tabIndex={0} role="region" aria-label={label}>
      {reading.kind === 'document' && (
        <>
          <Members members={Object.entries(reading.rest)} />
          <hr className={classes['line']} />
        </>
      )}
      {reading.kind === 'members' && <Members members={reading.members} />}
      {reading.kind === 'text' && <p className={classes['text']}>{reading.text}</p>}
      {(reading.kind === 'markdown' || reading.kind === 'document') && <Document text={reading.text} />}
    </Box>
  );
}

function Members({ members }: { readonly members: readonly (readonly [string, unknown])[] }) {
  return (
    <dl className={classes['members']}>
      {members.map(([name, value]) => (
        <div key={name} data-document={readingOf(value).kind === 'markdown'}>
          <dt>{name}</dt>
          <dd>
            <Member value={value} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Member({ value }: { readonly value: unknown }) {
  const reading = readingOf(value);
  if (reading.kind === 'markdown') return <Document text={reading.text} />;
  if (reading.kind === 'text') return <span className={classes['text']}>{reading.text === '' ? '""' : reading.text}</span>;
  if (typeof value === 'object' && value !== null) return <pre className={classes['json']}>{JSON.stringify(value, null, 2)}</pre>;
  return <code>{JSON.stringify(value) ?? 'null'}</code>;
}

function Document({ text }: { readonly text: string }) {
  return (
    <Suspense fallback={<Skeleton height={120} />}>
      <Markdown text={text} />
    </Suspense>
  );
}

/** A value as events hold it: `{inline}`, or `{blob, bytes}` for what is too large for an event. */
export function StoredView({ value, label }: ValueViewProps) {
  const stored = value as { readonly inline?: unknown; readonly blob?: string; readonly bytes?: number };
  if (stored.blob === undefined) return <ValueView value={stored.inline ?? null} label={label} />;
  return (
    <Text size="sm" c="dimmed">
      {byteText(stored.bytes ?? 0)}, kept beside the events under SHA-256 <code className={classes['hash']}>{stored.blob}</code>
    </Text>
  );
}
