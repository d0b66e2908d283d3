import { EventEmitter } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { ShutDown } from './shut-down.js';

class FakeProcess extends EventEmitter {
  readonly codes: number[] = [];

  constructor(readonly connected?: boolean) {
    super();
  }

  exit(code: number): void {
    this.codes.push(code);
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('ShutDown', () => {
  it('takes everything down once at the first signal, after telling those who listen', async () => {
    const process = new FakeProcess();
    const shutDown = new ShutDown(process);
    const order: string[] = [];
    shutDown.onStop(() => order.push('told'));
    shutDown.arm(() => Promise.resolve(void order.push('stopped')));
    process.emit('SIGTERM');
    await settled();
    expect({ order, codes: process.codes }).toEqual({ order: ['told', 'stopped'], codes: [0] });
  });

  it('ends at once at the second signal', () => {
    const process = new FakeProcess();
    new ShutDown(process).arm(() => new Promise(() => undefined));
    process.emit('SIGINT');
    expect(process.codes).toEqual([]);
    process.emit('SIGINT');
    expect(process.codes).toEqual([1]);
  });

  it('keeps a signal that comes before there is anything to take down', async () => {
    const process = new FakeProcess();
    const shutDown = new ShutDown(process);
    process.emit('SIGINT');
    let stopped = 0;
    shutDown.arm(() => Promise.resolve(void stopped++));
    await settled();
    expect({ stopped, codes: process.codes }).toEqual({ stopped: 1, codes: [0] });
  });

  it('stops when the launcher at the other end of the channel is gone', async () => {
    const process = new FakeProcess(true);
    new ShutDown(process).arm(() => Promise.resolve());
    process.emit('disconnect');
    await settled();
    expect(process.codes).toEqual([0]);
  });

  it('stops when the launcher was gone before anyone could listen', async () => {
    const process = new FakeProcess(false);
    new ShutDown(process).arm(() => Promise.resolve());
    await settled();
    expect(process.codes).toEqual([0]);
  });

  it('ends with 1 when it could not be taken down in order', async () => {
    const process = new FakeProcess();
    new ShutDown(process).arm(() => Promise.reject(new Error('stuck')));
    process.emit('SIGHUP');
    await settled();
    expect(process.codes).toEqual([1]);
  });
});
