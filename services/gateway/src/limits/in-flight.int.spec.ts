import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readEventStream } from '../testing/event-stream-client.js';
import { startTestGateway, type TestGateway } from '../testing/test-gateway.js';

const RUN = { json: { workflow: 'greet', inputs: {} } };

let gateway: TestGateway;
const sockets: Socket[] = [];
beforeEach(async () => {
  // One request in flight is too much for new work.
  gateway = await startTestGateway({ limits: { shedding: { inFlight: [1, 1_000, 1_000] } } }, { gauges: { loopDelayMs: () => 0 } });
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await gateway.stop();
});

const start = async (): Promise<unknown> => (await gateway.call('POST', '/v1/runs', RUN)).json['code'] ?? 'done';

/** Sends the text on a connection of its own, and resolves when the gateway has it. */
async function sendRaw(text: string): Promise<void> {
  const { hostname, port, host } = new URL(gateway.url);
  const socket = connect(Number(port), hostname);
  sockets.push(socket);
  socket.on('error', () => undefined);
  const asked = new Promise((resolve) => gateway.app.getHttpServer().once('request', resolve));
  socket.write(text.replace('HOST', host));
  await asked;
}

describe('requests in flight', () => {
  it('are those that are worked on', async () => {
    let finish = (): void => {};
    const held = new Promise<void>((resolve) => (finish = resolve));
    const arrived = new Promise<void>((resolve) => {
      gateway.services.getRun = async () => {
        resolve();
        await held;
        return { run: undefined };
      };
    });
    const answer = gateway.call('GET', '/v1/runs/r-1');
    await arrived;
    expect(await start()).toBe('OVERLOADED');
    finish();
    await answer;
    expect(await start()).toBe('done');
  });

  it('are not streams, which stay open', async () => {
    const stream = await readEventStream(gateway.url, '/v1/events/stream');
    expect(await start()).toBe('done');
    stream.leave();
    await stream.ended.catch(() => undefined);
    expect(await start()).toBe('done');
  });

  it('are not what anybody may ask, nor bodies that come slowly: who has no credential makes nobody wait', async () => {
    await sendRaw('POST /v1/hooks/shop HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{');
    await sendRaw('GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: HOST\r\n\r\n');
    expect(await start()).toBe('done');
  });
});
