import { describe, expect, it } from '@jest/globals';
import { createManualRuntime } from '@tutti/kernel/testing';
import type { ChildExit, ChildOutput } from '../environment.port.js';
import { AgentHost } from './agent-host.js';

/** A process of the test's own: it says lines and ends when it is told to. */
class FakeChild {
  readonly signals: NodeJS.Signals[] = [];
  readonly pid = 1;
  end: (exit: ChildExit) => void = () => {};
  readonly exited = new Promise<ChildExit>((resolve) => (this.end = resolve));

  constructor(readonly say: (line: string) => void) {}

  kill(signal: NodeJS.Signals): void {
    this.signals.push(signal);
    if (signal === 'SIGKILL') this.end({ code: null, signal });
  }
}

function harness() {
  const runtime = createManualRuntime();
  const children: FakeChild[] = [];
  const lines: string[] = [];
  const lost: string[] = [];
  const processes = {
    isAlive: () => true,
    spawnNode(_args: readonly string[], output: ChildOutput) {
      if (typeof output !== 'object' || !('onLine' in output)) throw new Error('expected the lines to be wanted');
      const child = new FakeChild(output.onLine);
      children.push(child);
      return child;
    },
  };
  const host = new AgentHost({
    environment: { processes, runtime },
    command: ['worker.js'],
    onLine: (line) => lines.push(line),
    onLost: (how) => lost.push(how),
  });
  const child = (index: number): FakeChild => {
    const found = children[index];
    if (found === undefined) throw new Error(`no process ${index} was started`);
    return found;
  };
  /** Brings up one that is ready at once. */
  const load = async () => {
    const reloaded = host.reload();
    child(children.length - 1).say('ready worker-1');
    await runtime.advance(0);
    return { reloaded, process: child(children.length - 1) };
  };
  return { runtime, host, child, load, lines, lost };
}

describe('the process that hosts the agents of a project', () => {
  it('is asked to end only when the one after it is ready', async () => {
    const { host, child, load, runtime } = harness();
    const { process: first } = await load();
    const reloaded = host.reload();
    await runtime.advance(500);
    expect(first.signals).toEqual([]);
    child(1).say('ready worker-2');
    await runtime.advance(0);
    expect(first.signals).toEqual(['SIGTERM']);
    first.end({ code: 0, signal: null });
    expect(await reloaded).toEqual({ ok: true, tookMs: 500, leaving: false });
  });

  it('is not waited for while it ends a long task', async () => {
    const { host, child, load, runtime } = harness();
    await load();
    const reloaded = host.reload();
    child(1).say('ready worker-2');
    await runtime.advance(10_000);
    expect(await reloaded).toMatchObject({ ok: true, leaving: true });
  });

  it('stays when the one after it cannot start, and the reason is given', async () => {
    const { host, child, load, runtime, lost } = harness();
    const { process: first } = await load();
    const reloaded = host.reload();
    child(1).say('tutti agent-workers cannot start: agents cannot be loaded:');
    child(1).say('  agents/writer.yaml:3: unknown member');
    child(1).end({ code: 1, signal: null });
    await runtime.advance(0);
    expect(await reloaded).toEqual({ ok: false, lines: ['agents cannot be loaded:', '  agents/writer.yaml:3: unknown member'] });
    expect(first.signals).toEqual([]);
    expect(lost).toEqual([]);
  });

  it('stays when the one after it is not ready in time, which is killed', async () => {
    const { host, child, load, runtime } = harness();
    const { process: first } = await load();
    const reloaded = host.reload();
    await runtime.advance(60_000);
    expect(await reloaded).toEqual({ ok: false, lines: ['not ready within 60 s'] });
    expect(child(1).signals).toEqual(['SIGKILL']);
    expect(first.signals).toEqual([]);
  });

  it('has its lines passed on, those from before it was ready too', async () => {
    const { host, child, runtime, lines } = harness();
    const reloaded = host.reload();
    child(0).say('loading a model');
    child(0).say('ready worker-1');
    child(0).say('working');
    await runtime.advance(0);
    await reloaded;
    expect(lines).toEqual(['loading a model', 'working']);
  });

  it('is missed when it ends on its own', async () => {
    const { load, runtime, lost } = harness();
    const { process: first } = await load();
    first.end({ code: 3, signal: null });
    await runtime.advance(0);
    expect(lost).toEqual(['exit code 3']);
  });

  it('is killed at the end when it does not end by itself, as are those that still leave', async () => {
    const { host, child, load, runtime, lost } = harness();
    await load();
    const reloaded = host.reload();
    child(1).say('ready worker-2');
    await runtime.advance(2_000);
    await reloaded;
    const stopped = host.stop();
    await runtime.advance(30_000);
    await stopped;
    expect([child(0).signals.at(-1), child(1).signals.at(-1)]).toEqual(['SIGKILL', 'SIGKILL']);
    expect(lost).toEqual([]);
  });

  it('does not come up any more after the end', async () => {
    const { host, child, runtime } = harness();
    const reloaded = host.reload();
    await host.stop();
    child(0).say('ready worker-1');
    await runtime.advance(0);
    expect(await reloaded).toMatchObject({ ok: false });
    expect(child(0).signals).toEqual(['SIGKILL']);
  });
});
