import { Option } from 'commander';
import { examples, type Action, type RegisterCommand } from '../command.js';
import { EXIT, type ExitCode } from '../failure/exit-codes.js';
import { agoText } from '../terminal/time-text.js';

interface ServicesOptions {
  readonly service?: string;
  readonly health?: string;
}

export const registerServices: RegisterCommand = (program, act) => {
  const command = program
    .command('services')
    .description('list the instances of the services and how they are')
    .option('--service <name>', 'only of this service')
    .addOption(
      new Option('--health <health>', 'only with this health; those that are not expired without it').choices([
        'healthy',
        'unhealthy',
        'expired',
      ]),
    );
  examples(act(command, services), 'tutti services', 'tutti services --service coordinator --wide');
};

const services: Action<ServicesOptions> = async (cli, _args, { service, health }): Promise<ExitCode> => {
  const { api } = await cli.connect();
  const answer = await api.listServices({ ...(service === undefined ? {} : { service }), ...(health === undefined ? {} : { health }) });
  const now = cli.now();
  cli.result(answer.raw, () =>
    cli.table(
      answer.value,
      [
        { title: 'SERVICE', value: (instance) => instance.service },
        { title: 'INSTANCE', value: ({ id }) => id, flexible: true },
        { title: 'VERSION', value: ({ version }) => version },
        { title: 'HEALTH', value: (instance) => instance.health, paint: (instance) => (instance.health === 'healthy' ? 'green' : 'red') },
        { title: 'ADDRESSES', value: ({ addresses }) => addresses.join(' '), flexible: true },
        { title: 'REGISTERED', value: ({ registeredAt }) => agoText(registeredAt, now), wideOnly: true },
      ],
      'no services',
    ),
  );
  return EXIT.ok;
};
