import type { Api } from '../api/api.js';
import type { Cli } from '../cli.js';
import type { CommandTable, ValueSource } from '../command.js';
import { readConfigFile } from '../profile/config-file.js';
import { topCandidates, type Candidate } from './candidates.js';

/** Longer than anybody waits for a key press to answer. */
const LIMIT_MS = 1_500;
const MOST = 100;

/** What the system, or the configuration file, has for that place. Nothing when it does not answer in time, or not at all: a shell cannot show why. */
export async function dynamicValues(table: CommandTable, cli: Cli, source: ValueSource): Promise<readonly Candidate[]> {
  if (source === 'command') return topCandidates(table);
  const asked = source === 'profile' ? profiles(cli) : fromServer(cli, source);
  const tooLate = new Promise<readonly Candidate[]>((resolve) => cli.environment.runtime.timers.after(LIMIT_MS, () => resolve([])));
  return Promise.race([asked.catch(() => []), tooLate]);
}

async function profiles(cli: Cli): Promise<readonly Candidate[]> {
  const { config } = await readConfigFile(cli.environment);
  return Object.entries(config.profile).map(([value, { address, data_dir: folder }]) => ({ value, summary: address ?? folder ?? '' }));
}

async function fromServer(cli: Cli, source: ValueSource): Promise<readonly Candidate[]> {
  const list = LISTS[source];
  if (list === undefined) return [];
  const { api } = await cli.connect();
  return list(api);
}

const LISTS: Partial<Record<ValueSource, (api: Api) => Promise<readonly Candidate[]>>> = {
  run: async (api) =>
    (await api.listRuns({}, MOST)).value.map(({ id, workflow, status }) => ({ value: id, summary: `${workflow} ${status}` })),
  workflow: async (api) => (await api.listWorkflows(MOST)).value.map(({ name, description }) => ({ value: name, summary: description })),
  agent: async (api) => (await api.listAgents({}, MOST)).value.map(({ profile }) => ({ value: profile.name, summary: profile.role })),
  approval: async (api) =>
    (await api.listApprovals({ status: 'pending' }, MOST)).value.map(({ id, title }) => ({ value: id, summary: title })),
  schedule: async (api) =>
    (await api.listSchedules(undefined, MOST)).value.map(({ name, workflow }) => ({ value: name, summary: workflow })),
  'dead-letter': async (api) => (await api.listDeadLetters({}, MOST)).value.map(({ id, error }) => ({ value: id, summary: error })),
  key: async (api) => (await api.listKeys(false, MOST)).value.map(({ id, name }) => ({ value: id, summary: name })),
};
