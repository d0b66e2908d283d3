import { describe, expect, it } from '@jest/globals';
import type { CommandBus, QueryBus } from '@nestjs/cqrs';
import { triggeredKey } from '../triggers/triggered-key.js';
import { RunApi } from './run.api.js';

describe('a start by a caller', () => {
  const started: unknown[] = [];
  const commands = { execute: async (command: unknown) => started.push(command) } as unknown as CommandBus;
  const api = new RunApi(commands, {} as QueryBus);
  const start = (idempotencyKey: string) =>
    api.startRun({ workflow: 'wf', workflowVersion: 0, inputs: {}, labels: {}, idempotencyKey, actor: 'user:ann', traceparent: '' });

  it('has no key that is a schedule’s or a trigger’s', async () => {
    const key = triggeredKey(['schedule', 'nightly', '0', '2026-01-01T00:00:00.000Z']);
    await expect(async () => start(key)).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    expect(started).toEqual([]);
    await start('order-17');
    expect(started).toHaveLength(1);
  });
});
