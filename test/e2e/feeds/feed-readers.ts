import { request } from 'node:http';
import { Client, credentials, Metadata } from '@grpc/grpc-js';
import { EventFeedServiceService, type FollowRequest, type FollowResponse } from '@tutti/contracts';

export interface Place {
  readonly port: number;
  readonly token: string;
}

export interface Wanted {
  /** Events behind this position. */
  readonly after: number;
  readonly types: readonly string[];
}

/** One connection of a reader. */
export interface Reading {
  /** Settles when it is over, whoever ended it. */
  readonly over: Promise<void>;
  /** Leaves as the protocol has it. */
  leave(): void;
}

export interface ReaderKind {
  readonly name: string;
  /** Reads until it is over; hands over the position of each event in the order in which they come. */
  read(place: Place, wanted: Wanted, take: (position: number) => void): Reading;
}

export const webSocketReader: ReaderKind = {
  name: 'WebSocket',
  read({ port, token }, { after, types }, take) {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/v1/feed`, ['tutti.v1', `tutti.token.${token}`]);
    socket.addEventListener('open', () => socket.send(JSON.stringify({ type: 'subscribe', id: 's', after, types })));
    socket.addEventListener('message', ({ data }) => {
      const message = JSON.parse(String(data)) as { readonly type: string; readonly event?: { readonly position: number } };
      if (message.type === 'error') throw new Error(String(data));
      if (message.event !== undefined) take(message.event.position);
    });
    const over = new Promise<void>((resolve) => {
      socket.addEventListener('close', () => resolve());
      socket.addEventListener('error', () => resolve());
    });
    return { over, leave: () => socket.close() };
  },
};

export const serverSentEventsReader: ReaderKind = {
  name: 'server-sent events',
  read({ port, token }, { after, types }, take) {
    const query = types.map((type) => `type=${type}`).join('&');
    const headers = { authorization: `Bearer ${token}`, 'last-event-id': String(after) };
    let leave = (): void => {};
    const over = new Promise<void>((resolve, reject) => {
      const sent = request({ host: '127.0.0.1', port, path: `/v1/events/stream?${query}`, headers, agent: false }, (response) => {
        let rest = '';
        if (response.statusCode !== 200) reject(new Error(`answered ${response.statusCode}`));
        response.setEncoding('utf8').on('data', (part: string) => {
          const blocks = `${rest}${part}`.split('\n\n');
          // The last one has not come whole.
          rest = blocks.pop() ?? '';
          for (const block of blocks) {
            const type = /^event: (.*)$/m.exec(block)?.[1] ?? '';
            if (types.includes(type)) take(Number(/^id: (\d+)$/m.exec(block)?.[1]));
          }
        });
        response.on('error', () => resolve());
        response.on('close', () => resolve());
      });
      sent.on('error', () => resolve());
      sent.end();
      leave = () => void sent.destroy();
    });
    return { over, leave: () => leave() };
  },
};

export const grpcReader: ReaderKind = {
  name: 'gRPC',
  read({ port, token }, { after, types }, take) {
    const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
    const metadata = new Metadata();
    metadata.set('authorization', `Bearer ${token}`);
    const { path, requestSerialize, responseDeserialize } = EventFeedServiceService.follow;
    const whole: FollowRequest = { after, runId: '', categories: [], types: [...types] };
    const stream = client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, whole, metadata);
    stream.on('data', ({ event }: FollowResponse) => {
      if (event !== undefined) take(event.position);
    });
    const over = new Promise<void>((resolve) => {
      stream.on('error', () => resolve());
      stream.on('end', () => resolve());
    }).finally(() => client.close());
    return { over, leave: () => stream.cancel() };
  },
};
