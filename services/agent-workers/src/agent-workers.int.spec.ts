import 'reflect-metadata';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Global, Module, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TASK_ASSIGNED, tasksTopic, type AttemptOutcome, type TaskChannel } from '@tutti/contracts';
import { openEmbeddedEventBus, type EmbeddedEventBus } from '@tutti/event-bus/embedded';
import { createInMemoryEventStore } from '@tutti/event-store/testing';
import type { JsonValue } from '@tutti/kernel';
import {
  AGENT_SERVICE,
  createSystemRuntime,
  createValueStore,
  EVENT_BUS,
  EVENT_STORE,
  LOGGER,
  RUNTIME,
  silentLogger,
  TASK_CHANNEL,
  VALUE_STORE,
} from '@tutti/service-kit';
import { agentWorkersConfig, AgentWorkersLifecycle, AgentWorkersModule } from './index.js';

const runtime = createSystemRuntime();
const agentFile = (name: string, rest: string) => `name: ${name}\nversion: 1.0.0\ncapabilities: [test.echo]\nprompt: Be brief.\n${rest}\n`;

let base: string;
let bus: EmbeddedEventBus;
let app: INestApplicationContext;
let inputs: Record<string, JsonValue>;
let outcomes: Map<string, AttemptOutcome>;
let registered: string[];

const channel: TaskChannel = {
  announce: () => Promise.resolve({ beatMs: 60_000, superseded: [] }),
  beat: () => Promise.resolve({ known: true }),
  drain: () => Promise.resolve(),
  depart: () => Promise.resolve(),
  claim: (_, { task }) => Promise.resolve({ verdict: 'go', input: { inline: inputs[task] ?? null }, feedback: [], deadlineAt: null }),
  report: (_, { task }, outcome) => (outcomes.set(task, outcome), Promise.resolve()),
};

async function boot(settings: Readonly<Record<string, unknown>>): Promise<AgentWorkersLifecycle> {
  const blobs = { put: () => Promise.reject(new Error('none')), get: () => Promise.reject(new Error('none')) };
  const agentService = {
    registerAgent: ({ profile }: { profile: { name: string } }) => (registered.push(profile.name), Promise.resolve({})),
  };
  const ports = [
    { provide: RUNTIME, useValue: runtime },
    { provide: LOGGER, useValue: silentLogger },
    { provide: EVENT_STORE, useValue: createInMemoryEventStore(runtime) },
    { provide: EVENT_BUS, useValue: bus },
    { provide: VALUE_STORE, useValue: createValueStore({ blobs, inlineLimitBytes: 1_000_000 }) },
    { provide: TASK_CHANNEL, useValue: channel },
    { provide: AGENT_SERVICE, useValue: agentService },
  ];
  @Global()
  @Module({ providers: ports, exports: ports.map(({ provide }) => provide) })
  class Ports {}
  const host = { base, environment: { PATH: process.env['PATH'], TUTTI_SECRET: 'x' } };
  @Module({ imports: [Ports, AgentWorkersModule.register({ config: agentWorkersConfig.parse(settings), host })] })
  class Root {}
  app = await NestFactory.createApplicationContext(Root, { logger: false });
  return app.get(AgentWorkersLifecycle);
}

function assign(lifecycle: AgentWorkersLifecycle, agent: string, input: JsonValue): Promise<void> {
  inputs[agent] = input;
  const payload = { runId: 'run-1', task: agent, step: agent, capability: 'test.echo', attempt: 1, agent, agentVersion: '1.0.0' };
  return bus.publish(tasksTopic('default'), [{ id: agent, type: TASK_ASSIGNED, key: agent, member: lifecycle.workerId() ?? '', payload }]);
}

async function until(what: string, holds: () => boolean): Promise<void> {
  const limit = runtime.clock.monotonic() + 10_000;
  while (!holds()) {
    if (runtime.clock.monotonic() > limit) throw new Error(`${what} did not happen within 10 s`);
    await new Promise<void>((resolve) => runtime.timers.after(5, resolve));
  }
}

function written(file: string): string {
  return existsSync(join(base, file)) ? readFileSync(join(base, file), 'utf8').trim() : '';
}

/** Whether the process runs; one that has ended and waits to be taken note of does not. */
function alive(pid: number): boolean {
  const stat = existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, 'latin1') : ') Z ';
  return !/\) [ZX] /.test(stat);
}

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'tutti-workers-'));
  await mkdir(join(base, 'agents'));
  bus = await openEmbeddedEventBus({ file: join(base, 'bus.db'), store: createInMemoryEventStore(runtime), views: [], runtime });
  inputs = {};
  outcomes = new Map();
  registered = [];
});
afterEach(async () => {
  await app.get(AgentWorkersLifecycle).stop();
  await app.close();
  await bus.close();
  await rm(base, { recursive: true, force: true });
});

describe('the agent workers', () => {
  it('run tasks by agents that are only files: a class and a program', async () => {
    await writeFile(join(base, 'agents/double.yaml'), agentFile('double', 'kind: class\nentry: { export: Double, module: ./double.mjs }'));
    await writeFile(
      join(base, 'agents/double.mjs'),
      'export class Double { async processTask(task) { return { doubled: task.input.n * 2 }; } }\n',
    );
    await writeFile(join(base, 'agents/shell.yaml'), agentFile('shell', 'kind: command\nentry: { command: [sh, -c, cat] }'));
    const lifecycle = await boot({ agentFolders: ['agents'] });
    await lifecycle.start();
    expect(registered).toEqual(['double', 'shell']);
    await assign(lifecycle, 'double', { n: 21 });
    await assign(lifecycle, 'shell', { n: 1 });
    await until('both results', () => outcomes.size === 2);
    expect(outcomes.get('double')).toMatchObject({ outcome: 'succeeded', output: { inline: { doubled: 42 } } });
    expect(outcomes.get('shell')).toMatchObject({
      outcome: 'succeeded',
      output: { inline: { taskId: 'shell', input: { n: 1 }, prompt: 'Be brief.', attempt: 1 } },
    });
  });

  it('leave no program behind when they stop', async () => {
    const script =
      'trap "" TERM; (setsid sh -c "echo \\$\\$ > $FOLDER/pid; while :; do sleep 0.02; done" &) ; while :; do sleep 0.02; done';
    await writeFile(
      join(base, 'agents/stuck.yaml'),
      agentFile('stuck', `kind: command\nentry: { command: [sh, -c, ${JSON.stringify(script)}], env: { FOLDER: ${base} } }`),
    );
    const lifecycle = await boot({ agentFolders: ['agents'], drainMs: 50, killGraceMs: 100, abortGraceMs: 2_000 });
    await lifecycle.start();
    await assign(lifecycle, 'stuck', null);
    await until('the start of the program', () => written('pid') !== '');
    const pid = Number(written('pid'));
    expect(alive(pid)).toBe(true);
    await lifecycle.stop();
    expect(alive(pid)).toBe(false);
    expect(outcomes.size).toBe(0);
  });

  it('refuse to start with a bad agent file, naming it, and register nothing', async () => {
    await writeFile(join(base, 'agents/bad.yaml'), agentFile('Bad', 'kind: class\nentry: {}'));
    const lifecycle = await boot({ agentFolders: ['agents'] });
    await expect(lifecycle.start()).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      message: expect.stringMatching(/bad\.yaml:1: name[\s\S]*bad\.yaml:6: entry\.export/),
    });
    expect(registered).toEqual([]);
  });

  it('refuse a configuration in which programs outlive the time an attempt has to end', () => {
    expect(agentWorkersConfig.safeParse({ killGraceMs: 5_000, abortGraceMs: 1_000 }).success).toBe(false);
    expect(agentWorkersConfig.parse(undefined)).toMatchObject({ pool: 'default', drainMs: 5_000 });
  });
});
