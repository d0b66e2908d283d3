import type { Cli } from '../../cli.js';
import { defineCommand } from '../../command.js';
import { EXIT, type ExitCode } from '../../failure/exit-codes.js';
import { sanitizeText } from '../../terminal/text-width.js';
import { agoText } from '../../terminal/time-text.js';

export const whoamiCommand = defineCommand({
  name: 'whoami',
  summary: 'say who you are to the system, and what you may do',
  names: 'who you are',
  examples: ['tutti whoami', 'tutti whoami --profile prod -o json'],
  act: whoami,
});

async function whoami(cli: Cli): Promise<ExitCode> {
  const { endpoint, api } = await cli.connect();
  const { profile, addressFrom, keyFrom } = await cli.settings();
  const answer = await api.caller();
  const { caller } = answer.value;
  const raw = { ...(answer.raw as object), address: endpoint.url, profile, addressFrom, keyFrom };
  const human = (): void => {
    const rows: readonly (readonly [string, string])[] = [
      ['actor', caller.actor],
      ['role', caller.role],
      ['may', caller.permissions.join(' ')],
      ['by', `${caller.credential.kind} ${caller.credential.id}`.trim()],
      ['until', caller.expiresAt === undefined ? '' : `${caller.expiresAt} (${agoText(caller.expiresAt, cli.now())})`],
      ['system', `${endpoint.url} (from ${addressFrom === 'profile' ? `profile ${profile ?? ''}` : addressFrom})`],
      ['key from', keyFrom === 'profile' ? `profile ${profile ?? ''}` : keyFrom],
    ];
    for (const [label, value] of rows) if (value !== '') cli.line(`${cli.style.dim(label.padEnd(10))}${sanitizeText(value)}`);
  };
  cli.result(raw, human, [caller.actor]);
  return EXIT.ok;
}
