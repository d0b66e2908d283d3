import { beforeEach, describe, expect, it } from '@jest/globals';
import { FindingStatus, PARTITIONS } from '@tutti/contracts';
import { TuttiError } from '@tutti/kernel';
import type { CoordinatorState, RemoteProcess, RunOwners } from '@tutti/service-kit';
import type { ProcessParts } from '@tutti/service-process';
import { processChecks } from './process-checks.js';

type Services = Pick<RemoteProcess, 'service'>;

const services = (methods: object): Services => ({ service: () => methods }) as unknown as Services;
const fine = { check: async () => ({ findings: [{ name: 'read models', status: FindingStatus.FINDING_STATUS_OK, detail: 'up' }] }) };
const registry = services({ ...fine, listAgents: async () => ({ agents: [{}], nextPageToken: '' }) });

describe('what a gateway finds where several machines share the backends', () => {
  let away: string[];
  let states: CoordinatorState[];
  let unowned: number;
  let head: () => Promise<number>;
  beforeEach(() => {
    [away, unowned, head] = [[], 0, async () => 7];
    states = ['a', 'b'].map((id) => ({ id, address: `${id}:1`, ready: true, partitions: PARTITIONS / 2 }));
  });

  const look = async (): Promise<Readonly<Record<string, string>>> => {
    const parts = {
      dataDir: '/nowhere',
      connections: { away, storePlace: () => 'EventStoreDB at there:2113' },
      ports: { eventStore: { head: () => head() } },
    } as unknown as ProcessParts;
    const owners = {
      states: () => states,
      unowned: () => unowned,
      serviceAt: (id: string) => (id === 'a' ? fine : { check: () => Promise.reject(new TuttiError('SHUTTING_DOWN', `${id} is away`)) }),
    } as unknown as RunOwners;
    const checks = await processChecks({ parts, minFreeBytes: 0, coordinator: services({}), owners, registry })();
    return Object.fromEntries(checks.map(({ name, status, detail }) => [name, `${status}: ${detail}`]));
  };

  it('is said of each backend, each coordinator and the share of each, and nothing of a data folder', async () => {
    states.pop();
    expect(await look()).toEqual({
      'event store': 'ok: position 7, EventStoreDB at there:2113',
      backends: 'ok: what the event store, the bus and the read models stand on is there',
      runs: 'ok: of 256 partitions 128 by a',
      'coordinator a at a:1: read models': 'ok: up',
      'registry: read models': 'ok: up',
      agents: 'ok: 1 registered',
    });
  });

  it('names what is away, while the rest is still looked at', async () => {
    [away, unowned] = [['Kafka'], 3];
    head = () => Promise.reject(new TuttiError('STORE_UNAVAILABLE', 'no leader'));
    expect(await look()).toMatchObject({
      'event store': 'failed: no leader',
      backends: 'failed: away from here: Kafka; what needs them waits',
      runs: 'failed: of 256 partitions 128 by a, 128 by b, 3 by nobody: their runs wait',
      'coordinator b at b:1': 'failed: b is away',
      'registry: read models': 'ok: up',
    });
  });

  it('says how to start a coordinator where there is none', async () => {
    [states, unowned] = [[], PARTITIONS];
    expect(await look()).toMatchObject({ coordinator: 'failed: there is none; start it with: npx nx serve coordinator' });
  });
});
