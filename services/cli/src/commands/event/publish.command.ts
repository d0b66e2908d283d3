import type { Cli } from '../../cli.js';
import { defineCommand, type Args } from '../../command.js';
import { EXIT, type ExitCode } from '../../failure/exit-codes.js';
import { valueOf } from '../../input/value-text.js';

interface PublishOptions {
  readonly source?: string;
  readonly id?: string;
  readonly subject?: string;
}

export const publishEventCommand = defineCommand<PublishOptions>({
  name: 'publish',
  summary: 'bring an event from outside in; steps that wait for it and triggers go on',
  args: [
    { name: '<type>', summary: 'its type, like com.example.order.placed' },
    { name: '[data]', summary: 'what it carries: text, @file for a file’s text, or :json for any value' },
  ],
  flags: [
    { flags: '--source <source>', summary: 'where it comes from; default: /cli/<user>' },
    { flags: '--id <id>', summary: 'the same source and id is recorded once' },
    { flags: '--subject <subject>', summary: 'what it is about' },
  ],
  names: 'the id of the event',
  examples: [
    `tutti event publish com.example.order.placed ':{"order":17}'`,
    'tutti event publish com.example.report.ready @report.md --source /reports --id 2026-07',
  ],
  act: publish,
});

async function publish(cli: Cli, [type = '', text]: Args, { source, id, subject }: PublishOptions): Promise<ExitCode> {
  const { environment } = cli;
  const data = text === undefined ? null : await valueOf('data', text, environment.cwd);
  const event = {
    // Always one, so that an event whose answer got lost can be sent again.
    ...{ specversion: '1.0', id: id ?? environment.runtime.ids.next(), source: source ?? `/cli/${environment.user}`, type, data },
    ...(subject === undefined ? {} : { subject }),
  };
  const { api } = await cli.connect();
  const answer = await api.publishEvent(event);
  cli.result({ ...(answer.raw as object), id: event.id }, () => cli.line(`recorded ${type} at ${answer.value.position}`), [event.id]);
  return EXIT.ok;
}
