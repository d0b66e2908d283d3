import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Standalone } from '../product/standalone-process.js';
import { until } from '../product/waiting.js';

/** An agent that does what the capability says: gives its input back, fails, keeps state, writes to itself, or holds on until it is aborted. */
const MODULE = `
import { existsSync, writeFileSync } from 'node:fs';
export class Probe {
  async start(host) { this.host = host; }
  async receive({ content }) {
    if (existsSync(content.unless)) throw new Error('the probe does not take it yet');
    writeFileSync(content.unless + '.taken', '');
  }
  async processTask(task, context) {
    switch (task.capability) {
      case 'probe.fail': throw new Error('the probe fails as told');
      case 'probe.write': await this.host.send({ recipient: 'probe', messageType: 'note', content: task.input }); return 'sent';
      case 'probe.save': await this.host.saveState(task.input); return task.input;
      case 'probe.hold': return await new Promise((_, reject) => context.signal.addEventListener('abort', () => {
        if (task.input.file) writeFileSync(task.input.file, context.signal.reason.code);
        reject(context.signal.reason);
      }));
      case 'probe.unsure': return await context.step('send', () => { throw new Error('no answer'); }, { sideEffect: 'irreversible' });
      case 'probe.fickle':
        await context.step('look', () => 'seen', { sideEffect: task.attempt === 1 ? 'pure' : 'idempotent' });
        throw new Error('the probe fails after its step');
      default: return task.input;
    }
  }
}
`;

/** Writes the agent into the folder; the configuration that takes it up besides those that are shipped. */
export function installProbe(folder: string): object {
  const agents = join(folder, 'agents');
  mkdirSync(agents, { recursive: true });
  writeFileSync(join(agents, 'probe.mjs'), MODULE);
  writeFileSync(
    join(agents, 'probe.yaml'),
    stringify({
      name: 'probe',
      version: '1.0.0',
      capabilities: ['probe.echo', 'probe.fail', 'probe.write', 'probe.save', 'probe.hold', 'probe.unsure', 'probe.fickle'],
      limits: { concurrency: 50 },
      kind: 'class',
      entry: { export: 'Probe', module: './probe.mjs' },
    }),
  );
  return { agentFolders: [agents], agentPackages: ['@tutti/architecture-design'], drainMs: 0, abortGraceMs: 500, killGraceMs: 500 };
}

export interface RunAnswer {
  readonly id: string;
  readonly status: string;
  readonly outputs?: unknown;
  readonly error?: { readonly code: string; readonly message: string };
}

/** Registers a workflow of the one step, and what else its definition has, and starts a run of it. */
export async function startProbe(system: Standalone, name: string, step: object, more: object = {}, inputs: object = {}): Promise<string> {
  const registered = await system.call('POST', '/v1/workflows', { body: { name, steps: { probe: step }, ...more } });
  if (registered.status >= 300) throw new Error(registered.text);
  const started = await system.call('POST', '/v1/runs', { body: { workflow: name, inputs } });
  if (started.status !== 201) throw new Error(started.text);
  return String(started.json['runId']);
}

export function endOfRun(system: Standalone, runId: string): Promise<RunAnswer> {
  return until(`the end of run ${runId}`, async () => {
    const { json } = await system.call('GET', `/v1/runs/${runId}`);
    const run = json['run'] as RunAnswer;
    return run.status === 'running' ? null : run;
  });
}

export interface PendingApproval {
  readonly id: string;
  readonly runId: string;
  readonly payloadHash: string;
}

export function pendingApproval(system: Pick<Standalone, 'call'>, runId?: string): Promise<PendingApproval> {
  return until('an approval', async () => {
    const { json } = await system.call('GET', `/v1/approvals?status=pending${runId === undefined ? '' : `&runId=${runId}`}`);
    return (json['approvals'] as readonly PendingApproval[])[0] ?? null;
  });
}
