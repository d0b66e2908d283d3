import type { Runtime } from '@tutti/kernel';
import { createTransport } from 'nodemailer';
import { failed, type DeliveryOutcome, type NotificationChannel, type NotificationMessage } from '../notification-channel.port.js';
import { htmlText, plainText } from './mail-text.js';

export interface SmtpOptions {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  readonly requireTls: boolean;
  readonly auth: { readonly user: string; readonly pass: string } | null;
  readonly from: string;
  readonly timeoutMs: number;
  readonly runtime: Pick<Runtime, 'timers'>;
}

interface Sent {
  readonly response: string;
  readonly rejected: readonly unknown[];
}

/** Sends mail, each on a connection of its own. One that some of the addresses refuse counts as sent. */
export class SmtpChannel implements NotificationChannel {
  readonly needsAddresses = true;
  readonly name: string;

  constructor(private readonly options: SmtpOptions) {
    this.name = options.name;
  }

  async send(message: NotificationMessage, signal: AbortSignal): Promise<DeliveryOutcome> {
    const { timeoutMs, runtime } = this.options;
    let end: (outcome: DeliveryOutcome) => void = () => undefined;
    const brokenOff = new Promise<DeliveryOutcome>((resolve) => (end = resolve));
    const stopping = (): void => end(failed('CANCELLED', 'the process is stopping'));
    signal.addEventListener('abort', stopping, { once: true });
    const cancel = runtime.timers.after(timeoutMs, () =>
      end(failed('TIMED_OUT', `the mail server did not take it within ${timeoutMs} ms`)),
    );
    try {
      return await Promise.race([this.transmit(message), brokenOff]);
    } finally {
      cancel();
      signal.removeEventListener('abort', stopping);
    }
  }

  /** Never rejects: it may go on after the limit, and nobody listens then. */
  private async transmit(message: NotificationMessage): Promise<DeliveryOutcome> {
    const { host, port, secure, requireTls, auth, from, timeoutMs, name } = this.options;
    const domain = from.slice(from.indexOf('@') + 1);
    try {
      const transport = createTransport({
        ...{ host, port, secure, requireTLS: requireTls, disableFileAccess: true, disableUrlAccess: true },
        ...{ connectionTimeout: timeoutMs, greetingTimeout: timeoutMs, socketTimeout: timeoutMs, dnsTimeout: timeoutMs },
        ...(auth === null ? {} : { auth: { ...auth } }),
      });
      const sent: Sent = await transport.sendMail({
        from: { name: 'Tutti', address: from },
        to: message.to.map((address) => ({ name: '', address })),
        subject: message.subject,
        text: plainText(message),
        html: htmlText(message),
        // The same for every attempt, so that a mail program that gets it twice can tell.
        messageId: `<${message.id}@${domain}>`,
        headers: {
          'List-Id': `Tutti notifications <${name}.notifications.${domain}>`,
          'Auto-Submitted': 'auto-generated',
          'X-Auto-Response-Suppress': 'All',
        },
      });
      const { rejected } = sent;
      return { delivered: true, answer: rejected.length === 0 ? sent.response : `${sent.response}; ${rejected.length} addresses refused` };
    } catch (error) {
      return outcomeOf(error);
    }
  }
}

/** An answer of the 500s to the addresses or the text is final; one to the name and password is for somebody to put right. */
function outcomeOf(error: unknown): DeliveryOutcome {
  const { code, responseCode, command, message } = error as {
    readonly code?: string;
    readonly responseCode?: number;
    readonly command?: string;
    readonly message?: string;
  };
  const said = message ?? String(error);
  if (responseCode === undefined) return failed(code === 'ETLS' ? 'TLS_REFUSED' : 'CONNECTION_FAILED', said);
  if (code === 'ETLS') return failed('TLS_REFUSED', said);
  return failed(`SMTP_${responseCode}`, said, { permanent: responseCode >= 500 && /^(?:MAIL|RCPT|DATA)/.test(command ?? '') });
}
