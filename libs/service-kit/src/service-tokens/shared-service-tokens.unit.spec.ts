import { describe, expect, it } from '@jest/globals';
import { createManualRuntime } from '@tutti/kernel/testing';
import { openSharedServiceTokens, PROCESSES_AUDIENCE, type ServiceTokens } from './service-tokens.js';

const SECRET = 'one-secret-of-more-than-32-characters';

describe('tokens of processes that share a secret', () => {
  const runtime = createManualRuntime();
  const open = (service: string, secret = SECRET): Promise<ServiceTokens> => openSharedServiceTokens({ service, secret, runtime });

  it('are taken by every process that has the secret', async () => {
    const [coordinator, gateway] = [await open('coordinator'), await open('gateway')];
    const identity = await gateway.verify(await coordinator.issue(), PROCESSES_AUDIENCE);
    expect(identity).toMatchObject({ service: 'coordinator', actor: 'service:coordinator' });
  });

  it('are refused by whoever has another secret', async () => {
    const [mine, other] = [await open('coordinator'), await open('coordinator', `${SECRET}.`)];
    await expect(other.verify(await mine.issue(), PROCESSES_AUDIENCE)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it('are issued on after a day, too, with the same key', async () => {
    const [early, late] = [await open('coordinator'), await open('gateway')];
    await early.issue();
    await runtime.advance(3 * 86_400_000);
    expect(await late.verify(await early.issue(), PROCESSES_AUDIENCE)).toMatchObject({ service: 'coordinator' });
  });
});
