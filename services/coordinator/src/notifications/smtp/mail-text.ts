import type { NotificationMessage } from '../notification-channel.port.js';

/** The mail in plain text. */
export function plainText(message: NotificationMessage): string {
  return `${[message.title, '', message.text, ...particulars(message), '', ...ways(message)].join('\n')}\n`;
}

/** The same in HTML, without anything that a mail program would have to fetch. */
export function htmlText(message: NotificationMessage): string {
  const { title, text, link, commands } = message;
  const rows = particulars(message).map((line) => `<br>${escaped(line)}`);
  return [
    `<p><strong>${escaped(title)}</strong></p>`,
    `<p>${escaped(text).replaceAll('\n', '<br>')}${rows.join('')}</p>`,
    ...(link === null ? [] : [`<p><a href="${escaped(link)}">${escaped(link)}</a></p>`]),
    `<pre>${commands.map(escaped).join('\n')}</pre>`,
  ].join('\n');
}

function particulars({ about }: NotificationMessage): readonly string[] {
  if (about === null) return [];
  const { workflow, runId, step, approvalId, time } = about;
  const named: readonly (readonly [string, string | null])[] = [
    ['Workflow', workflow],
    ['Run', runId],
    ['Step', step],
    ['Approval', approvalId],
    ['Time', time],
  ];
  return named.flatMap(([name, value]) => (value === null ? [] : [`${name}: ${value}`]));
}

function ways({ link, commands }: NotificationMessage): readonly string[] {
  return [...(link === null ? [] : [link, '']), ...commands.map((command) => `  ${command}`)];
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
