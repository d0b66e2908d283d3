import { describe, expect, it } from '@jest/globals';
import { DEFAULT_POOL, eventsTopic, TASK_ASSIGNED, TASK_CANCELLED, tasksTopic, WORKERS_GROUP } from './topics.js';

describe('the names on the bus', () => {
  it('stay as they are: brokers hold topics and consumer groups under them', () => {
    expect([tasksTopic(DEFAULT_POOL), tasksTopic('gpu'), eventsTopic('run'), WORKERS_GROUP]).toEqual([
      'tutti.tasks.default',
      'tutti.tasks.gpu',
      'tutti.events.run',
      'workers',
    ]);
  });

  it('carry their version in a message type', () => {
    expect([TASK_ASSIGNED, TASK_CANCELLED]).toEqual(['tutti.task.assigned.v1', 'tutti.task.cancelled.v1']);
  });
});
