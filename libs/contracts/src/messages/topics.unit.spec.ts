import { describe, expect, it } from '@jest/globals';
import { DEFAULT_POOL, TASK_ASSIGNED, TASK_CANCELLED, tasksTopic, WORKERS_GROUP } from './topics.js';

describe('the names on the bus', () => {
  it('stay as they are: brokers hold topics and consumer groups under them', () => {
    expect([tasksTopic(DEFAULT_POOL), tasksTopic('gpu'), WORKERS_GROUP]).toEqual(['tutti.tasks.default', 'tutti.tasks.gpu', 'workers']);
  });

  it('carry their version in a message type', () => {
    expect([TASK_ASSIGNED, TASK_CANCELLED]).toEqual(['tutti.task.assigned.v1', 'tutti.task.cancelled.v1']);
  });
});
