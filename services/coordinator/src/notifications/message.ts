import { headingOf } from './notifiable-events.js';
import type { NotificationMessage, RequestedNotification } from './notification-channel.port.js';

/** @param publicUrl where people look at runs; null for none */
export function messageOf(
  { notificationId, on, to, about, title, text }: RequestedNotification,
  publicUrl: string | null,
): NotificationMessage {
  return {
    id: notificationId,
    on,
    to,
    about,
    subject: `[Tutti] ${headingOf(on)}: ${title}`,
    title,
    text,
    link: linkOf(about, publicUrl),
    commands: commandsOf(on, about),
  };
}

function linkOf(about: RequestedNotification['about'], publicUrl: string | null): string | null {
  if (about === null || publicUrl === null) return null;
  const base = publicUrl.replace(/\/+$/, '');
  const { approvalId, runId } = about;
  return approvalId === null ? `${base}/runs/${encodeURIComponent(runId)}` : `${base}/approvals/${encodeURIComponent(approvalId)}`;
}

function commandsOf(on: string, about: RequestedNotification['about']): readonly string[] {
  if (about === null) return ['tutti notifications list'];
  const { approvalId, runId } = about;
  if (approvalId === null || on === 'approval.expired') return [`tutti show ${word(runId)}`];
  return [`tutti approve ${word(approvalId)}`, `tutti reject ${word(approvalId)}`];
}

/** As one word of a shell. */
function word(text: string): string {
  return /^[\w.:@/-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
