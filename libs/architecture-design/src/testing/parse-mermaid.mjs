// Parses Mermaid diagrams with the real parser, in a process of its own because it wants a browser's globals.
// Standard input: a JSON array of strings. Standard output: a JSON array of error messages, null where it parses.
import { JSDOM } from 'jsdom';

const dom = new JSDOM('<!doctype html><body></body>');
globalThis.window = dom.window;
globalThis.document = dom.window.document;
const { default: mermaid } = await import('mermaid');
let text = '';
for await (const chunk of process.stdin) text += chunk;
const results = [];
for (const diagram of JSON.parse(text)) {
  try {
    await mermaid.parse(diagram);
    results.push(null);
  } catch (error) {
    results.push(String(error instanceof Error ? error.message : error).slice(0, 300));
  }
}
process.stdout.write(JSON.stringify(results));
process.exit(0);
