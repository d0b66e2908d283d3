import { defineCommand, type Args } from '../../command.js';
import type { Column } from '../../terminal/table.js';
import { listFlags, showList, type ListOptions } from '../listing.js';
import type { ServiceInstanceView } from '@tutti/rest-contract';
import type { Cli } from '../../cli.js';
import type { ExitCode } from '../../failure/exit-codes.js';
import { agoText } from '../../terminal/time-text.js';

interface ServicesOptions extends ListOptions {
  readonly service?: string;
  readonly health?: string;
}

export const listServicesCommand = defineCommand<ServicesOptions>({
  name: 'list',
  aliases: ['ls'],
  summary: 'list the instances of the services and how they are',
  flags: [
    { flags: '--service <name>', summary: 'only of this service' },
    {
      flags: '--health <health>',
      summary: 'only with this health; those that are not expired without it',
      choices: ['healthy', 'unhealthy', 'expired'],
    },
    ...listFlags(200),
  ],
  names: 'the ids of the instances',
  examples: ['tutti service list', 'tutti service list --service coordinator --wide'],
  act: services,
});

async function services(cli: Cli, _args: Args, options: ServicesOptions): Promise<ExitCode> {
  const { service, health } = options;
  const { api } = await cli.connect();
  const query = { ...(service === undefined ? {} : { service }), ...(health === undefined ? {} : { health }) };
  return showList(cli, options, {
    read: (limit) => api.listServices(query, limit),
    name: ({ id }) => id,
    columns: instanceColumns,
    none: 'no services',
  });
}

function instanceColumns(nowMs: number): readonly Column<ServiceInstanceView>[] {
  return [
    { title: 'SERVICE', value: ({ service }) => service },
    { title: 'INSTANCE', value: ({ id }) => id, flexible: true },
    { title: 'VERSION', value: ({ version }) => version },
    { title: 'HEALTH', value: ({ health }) => health, paint: ({ health }) => (health === 'healthy' ? 'green' : 'red') },
    { title: 'ADDRESSES', value: ({ addresses }) => addresses.join(' '), flexible: true },
    { title: 'REGISTERED', value: ({ registeredAt }) => agoText(registeredAt, nowMs), wideOnly: true },
  ];
}
