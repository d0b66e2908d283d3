import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { installProbe, pendingApproval, startProbe } from './probe-agent.js';
import { buildProduct } from '../product/build.js';
import { root } from '../product/paths.js';
import { cleanUp, Standalone, temporaryFolder, tutti } from '../product/standalone-process.js';
import { until } from '../product/waiting.js';

const PRD = `prd=@${join(root, 'examples', 'cold-chain-telemetry', 'requirements.md')}`;
const LIMIT_MS = 60_000;

beforeAll(buildProduct, LIMIT_MS);
afterAll(cleanUp);

/** The id of the only approval that is pending in the folder, asked for by another process than the one that waits. */
async function waitsForApproval(folder: string): Promise<string> {
  return until('an approval', async () => {
    const { code, out } = await tutti(folder, 'approvals', '--json').ended;
    if (code !== 0) return null;
    const { approvals } = JSON.parse(out) as { readonly approvals: readonly { readonly id: string }[] };
    return approvals[0]?.id ?? null;
  });
}

describe('a run on a machine where nothing runs yet', () => {
  it(
    'brings a system up, waits for the approval from another terminal, writes the documents and leaves nothing running',
    async () => {
      const folder = temporaryFolder();
      const run = tutti(folder, 'run', 'architecture-design', '--input', PRD, '--out', 'architecture');
      const approval = await waitsForApproval(folder);
      const { pid } = JSON.parse(readFileSync(join(folder, 'data', 'server.json'), 'utf8')) as { readonly pid: number };
      const approved = await tutti(folder, 'approve', approval, '--yes', '--reason', 'seen by the board').ended;
      expect(approved).toMatchObject({ code: 0, out: expect.stringContaining(`approved ${approval}`) });
      const { code, out } = await run.ended;
      expect(out).toMatch(/^document architecture\/\S+\.md$/m);
      expect(code).toBe(0);
      const written = readdirSync(join(folder, 'architecture'), { recursive: true, encoding: 'utf8' }).filter((name) =>
        name.endsWith('.md'),
      );
      expect(written.length).toBeGreaterThanOrEqual(9);
      const main = /^document (\S+)$/m.exec(out)?.[1] ?? '';
      expect(readFileSync(join(folder, main), 'utf8')).toMatch(/\*\*Status:\*\* approved by user:\S+ on \S+/);
      expect(() => process.kill(pid, 0)).toThrow('ESRCH');
      expect(existsSync(join(folder, 'data', 'server.json'))).toBe(false);
    },
    LIMIT_MS,
  );

  it(
    'ends with 1 when the approval is rejected, and says at which gate',
    async () => {
      const folder = temporaryFolder();
      const run = tutti(folder, 'run', 'architecture-design', '--input', PRD, '--out', 'architecture');
      const approval = await waitsForApproval(folder);
      expect(await tutti(folder, 'reject', approval, '--yes', '--reason', 'too dear').ended).toMatchObject({ code: 0 });
      const { code, out } = await run.ended;
      expect(out).toMatch(/^failed/m);
      expect(out).toContain('too dear');
      expect(code).toBe(1);
      expect(existsSync(join(folder, 'architecture', 'architecture.md'))).toBe(false);
    },
    LIMIT_MS,
  );
});

describe('commands on a running system', () => {
  let system: Standalone;
  let runId: string;
  let failedId: string;
  let heldId: string;
  beforeAll(async () => {
    const folder = temporaryFolder();
    system = await Standalone.start({ folder, config: { workers: installProbe(folder) } });
    runId = await startProbe(system, 'asks', {
      capability: 'probe.echo',
      gates: [{ name: 'sign-off', type: 'approval', title: 'Is it right?' }],
    });
    failedId = await startProbe(system, 'fails', { capability: 'probe.fail' });
    heldId = await startProbe(system, 'holds', { capability: 'probe.hold', with: {} });
    await pendingApproval(system, runId);
  }, LIMIT_MS);

  const tell = (...args: readonly string[]) => tutti(system.folder, ...args).ended;

  it.each([
    ['runs', () => [], 'asks'],
    ['show', () => [failedId], 'the probe fails as told'],
    ['show', () => [failedId, '--tasks'], 'AGENT_FAILED'],
    ['events', () => [runId], 'ApprovalRequested'],
    ['why', () => [heldId, 'probe'], 'probe'],
    ['attempts', () => [failedId], 'the probe fails as told'],
    ['dead-letters', () => [], ''],
    ['workflows', () => [], 'architecture-design'],
    ['workflows', () => ['show', 'architecture-design'], 'stakeholder-approval'],
    ['agents', () => [], 'architect-review'],
    ['agents', () => ['show', 'probe'], 'probe.echo'],
    ['approvals', () => [], 'Is it right?'],
    ['services', () => [], ''],
    ['doctor', () => [], 'event store'],
    ['version', () => [], ''],
  ] as const)(
    'answers %s for a person, and with --json as JSON that a program reads',
    async (command, more, contained) => {
      const [plain, json] = await Promise.all([tell(command, ...more()), tell(command, ...more(), '--json')]);
      expect(plain).toMatchObject({ code: 0, err: '' });
      expect(plain.out).toContain(contained);
      const texts = command === 'events' ? json.out.trim().split('\n') : [json.out];
      expect(texts.map((text) => JSON.parse(text) as unknown).every((value) => typeof value === 'object')).toBe(true);
    },
    LIMIT_MS,
  );

  it(
    'pauses a run: a decision is recorded meanwhile, and the run goes on when it is resumed',
    async () => {
      const id = await startProbe(system, 'pauses', {
        capability: 'probe.echo',
        gates: [{ name: 'sign-off', type: 'approval', title: 'Is it right?' }],
      });
      const approval = await pendingApproval(system, id);
      expect(await tell('pause', id, '--reason', 'the board meets')).toMatchObject({
        code: 0,
        out: expect.stringContaining(`paused ${id}`),
      });
      expect(await tell('approve', approval.id, '--yes')).toMatchObject({ code: 0 });
      expect((await tell('show', id)).out).toMatch(/paused .* by user:\S+: the board meets/);
      expect((await tell('runs', '--status', 'paused')).out).toContain(id);
      expect(await tell('resume', id)).toMatchObject({ code: 0, out: `resumed ${id}\n` });
      await until('its end', async () => {
        const { json } = await system.call('GET', `/v1/runs/${id}`);
        return (json['run'] as { readonly status: string }).status === 'succeeded' ? true : null;
      });
      expect((await tell('attempts', id, 'probe')).out).toMatch(/1 +succeeded +probe/);
    },
    LIMIT_MS,
  );

  it(
    'pauses an agent: its tasks wait and say why, until it is resumed',
    async () => {
      expect(await tell('agents', 'pause', 'probe', '--reason', 'repair')).toMatchObject({ code: 0, out: 'paused probe\n' });
      expect((await tell('agents')).out).toMatch(/probe .* paused/);
      // The coordinator hears of it from the log, a moment after the answer.
      await until('that it is heard of', async () => {
        const heard = await startProbe(system, 'held-back', { capability: 'probe.echo' });
        const { out } = await tell('why', heard, 'probe');
        return out.includes('none of 1 agents') && out.includes('paused') ? true : null;
      });
      const id = await startProbe(system, 'held-back', { capability: 'probe.echo' });
      expect(await tell('agents', 'resume', 'probe')).toMatchObject({ code: 0 });
      await until('its end', async () => {
        const { json } = await system.call('GET', `/v1/runs/${id}`);
        return (json['run'] as { readonly status: string }).status === 'succeeded' ? true : null;
      });
    },
    LIMIT_MS,
  );

  it(
    'keeps a message that an agent rejects as a dead letter with its story, and replays it',
    async () => {
      const unless = join(system.folder, 'not-yet');
      writeFileSync(unless, '');
      await startProbe(system, 'writes', { capability: 'probe.write', with: { unless } });
      const id = await until('the dead letter', async () => {
        const { json } = await system.call('GET', '/v1/dead-letters?group=agent-probe');
        return (json['deadLetters'] as readonly { readonly id: string }[])[0]?.id ?? null;
      });
      expect((await tell('dead-letters')).out).toContain('the probe does not take it yet');
      const { out } = await tell('dead-letters', 'show', id);
      expect(out.match(/the probe does not take it yet/g)).toHaveLength(5);
      rmSync(unless);
      expect(await tell('dead-letters', 'replay', id)).toMatchObject({ code: 0, out: `replayed ${id}\n` });
      await until('its delivery', async () => (existsSync(`${unless}.taken`) ? true : null));
      expect(await tell('dead-letters', 'discard', id)).toMatchObject({ code: 4, err: expect.stringContaining('(DEAD_LETTER_NOT_FOUND)') });
    },
    LIMIT_MS,
  );

  it(
    'cancels a run once: the second time it is too late, and says so with its own exit code',
    async () => {
      expect(await tell('cancel', heldId, '--reason', 'wrong input')).toMatchObject({ code: 0, out: `cancelled ${heldId}\n` });
      expect(await tell('cancel', failedId)).toMatchObject({ code: 6, err: expect.stringContaining('(RUN_ENDED)') });
      expect(await tell('show', heldId)).toMatchObject({ code: 0, out: expect.stringContaining('cancelled') });
    },
    LIMIT_MS,
  );

  it.each([
    ['no command of that name', ['frobnicate'], 2],
    ['an option that nobody knows', ['runs', '--colour-me'], 2],
    ['an argument too few', ['show'], 2],
    ['an argument too many', ['doctor', 'now', 'please'], 2],
    ['a number that is none', ['runs', '--limit', 'many'], 2],
    ['an input without a value', ['run', 'asks', '--input', 'prd'], 2],
    ['a workflow that cannot be one', ['run', '@@'], 2],
    ['an approval without a terminal to ask on', ['approve', ''], 2],
    ['a run that is not there', ['show', 'nothing'], 4],
    ['a workflow that is not there', ['run', 'nothing'], 4],
    ['inputs that the workflow does not take', ['run', 'architecture-design'], 5],
    ['a token that is not known', ['runs', '--token', 'somebody-elses-token'], 7],
    ['an address that nobody answers at', ['runs', '--url', 'http://127.0.0.1:9'], 3],
  ] as const)(
    'ends on %s with %j by the exit code %i, with a reason and no stack',
    async (_, args, code) => {
      const given = args.map((arg) => (arg === '' ? runId : arg));
      const ended = await tell(...given);
      expect(ended).toMatchObject({ code, err: expect.stringMatching(/^error: \S/m) });
      expect(code === 2 || /\([A-Z_]+\)$/m.test(ended.err)).toBe(true);
      expect(ended.err).not.toMatch(/\n\s+at \S+ \(/);
    },
    LIMIT_MS,
  );
});
