import { createManualRuntime } from '@tutti/kernel/testing';
import { someEvents } from '../../testing/contract/contract-events.js';
import { openEmbeddedEventStore } from '../embedded-event-store.js';

/** Appends to ten streams at once, without end, and prints `stream revision` for each append that was answered. */
const store = await openEmbeddedEventStore({ file: process.argv[2] ?? '', runtime: createManualRuntime() });

async function appendTo(stream: string): Promise<void> {
  for (;;) {
    const { revision } = await store.append(stream, someEvents(3), 'any');
    process.stdout.write(`${stream} ${revision}\n`);
  }
}

await Promise.all(Array.from({ length: 10 }, (_, index) => appendTo(`thing-${index}`)));
