import { request, type IncomingMessage } from 'node:http';
import { TOKEN } from './test-gateway.js';

export interface ServerSentEvent {
  readonly event: string;
  readonly id: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface EventStreamClient {
  readonly response: IncomingMessage;
  /** Everything that came, comments included. */
  text(): string;
  /** The next event that was not taken yet; rejects when the stream ends before it. */
  next(): Promise<ServerSentEvent>;
  take(count: number): Promise<readonly ServerSentEvent[]>;
  readonly ended: Promise<void>;
  leave(): void;
}

/** One answer of server-sent events, as a browser reads it. @throws Error with status and body for any other answer */
export function readEventStream(url: string, path: string, headers: Readonly<Record<string, string>> = {}): Promise<EventStreamClient> {
  return new Promise((resolve, reject) => {
    const sent = request(`${url}${path}`, { headers: { authorization: `Bearer ${TOKEN}`, ...headers }, agent: false }, (response) => {
      response.setEncoding('utf8');
      let text = '';
      if (response.statusCode !== 200) {
        response.on('data', (part: string) => (text += part));
        response.on('end', () => reject(new Error(`${response.statusCode} ${text}`)));
        return;
      }
      resolve(clientOf(response, () => sent.destroy()));
    });
    sent.on('error', reject);
    sent.end();
  });
}

function clientOf(response: IncomingMessage, leave: () => void): EventStreamClient {
  const arrived: ServerSentEvent[] = [];
  const waiting: { readonly resolve: (event: ServerSentEvent) => void; readonly reject: (error: Error) => void }[] = [];
  const parts: string[] = [];
  let rest = '';
  let over = false;
  response.on('data', (part: string) => {
    parts.push(part);
    const blocks = `${rest}${part}`.split('\n\n');
    // The last one has not come whole.
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const event = eventOf(block);
      if (event === null) continue;
      const taker = waiting.shift();
      if (taker === undefined) arrived.push(event);
      else taker.resolve(event);
    }
  });
  const ended = new Promise<void>((resolve) => {
    const end = (): void => {
      over = true;
      for (const { reject } of waiting.splice(0)) reject(new Error('the stream has ended'));
      resolve();
    };
    response.on('error', end);
    response.on('close', end);
  });
  const next = (): Promise<ServerSentEvent> => {
    const event = arrived.shift();
    if (event !== undefined) return Promise.resolve(event);
    if (over) return Promise.reject(new Error('the stream has ended'));
    return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
  };
  return {
    response,
    text: () => parts.join(''),
    next,
    async take(count) {
      const events: ServerSentEvent[] = [];
      while (events.length < count) events.push(await next());
      return events;
    },
    ended,
    leave,
  };
}

/** Null for what is no event: a comment, or the time to wait. */
function eventOf(block: string): ServerSentEvent | null {
  const fields = new Map(block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]));
  const data = fields.get('data');
  if (data === undefined) return null;
  return { event: fields.get('event') ?? 'message', id: fields.get('id') ?? '', data: JSON.parse(data) as ServerSentEvent['data'] };
}
