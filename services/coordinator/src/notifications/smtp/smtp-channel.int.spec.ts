import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createManualRuntime, type ManualRuntime } from '@tutti/kernel/testing';
import type { NotificationMessage } from '../notification-channel.port.js';
import { startTinySmtpServer, type TinySmtpServer } from '../testing/tiny-smtp-server.js';
import { SmtpChannel, type SmtpOptions } from './smtp-channel.js';

const MESSAGE: NotificationMessage = {
  ...{ id: 'ntf_1', on: 'approval.requested', to: ['ann@example.com', 'bob@example.com'] },
  ...{ subject: '[Tutti] Approval needed: <b>5 < 6</b>?', title: '<b>5 < 6</b>?', text: 'step ask of greet waits for a decision.' },
  about: { runId: 'r-1', workflow: 'greet', step: 'ask', approvalId: 'a-1', eventId: 'e-1', position: 7, time: '2026-01-01T00:00:00.000Z' },
  ...{ link: 'https://tutti.example.com/approvals/a-1', commands: ['tutti approve a-1', 'tutti reject a-1'] },
};

let runtime: ManualRuntime;
let server: TinySmtpServer | null;
beforeEach(() => {
  runtime = createManualRuntime();
  server = null;
});
afterEach(async () => {
  await server?.close();
});

async function serving(behaviour: Parameters<typeof startTinySmtpServer>[0] = {}): Promise<TinySmtpServer> {
  server = await startTinySmtpServer(behaviour);
  return server;
}

function channel(port: number, more: Partial<SmtpOptions> = {}): SmtpChannel {
  return new SmtpChannel({
    ...{
      name: 'mail',
      host: '127.0.0.1',
      port,
      secure: false,
      requireTls: false,
      auth: null,
      from: 'tutti@example.org',
      timeoutMs: 5_000,
      runtime,
    },
    ...more,
  });
}

const send = (one: SmtpChannel, signal = new AbortController().signal) => one.send(MESSAGE, signal);

describe('a mail channel', () => {
  it('sends plain text and HTML, marked as automatic', async () => {
    const { port, mails } = await serving();
    expect(await send(channel(port))).toEqual({ delivered: true, answer: '250 2.0.0 taken' });
    const [{ from, to, text }] = mails as [TinySmtpServer['mails'][number]];
    expect([from, to]).toEqual(['tutti@example.org', ['ann@example.com', 'bob@example.com']]);
    const unfolded = text.replace(/\r\n[ \t]+/g, ' ');
    expect(unfolded).toMatch(/^From: Tutti <tutti@example.org>$/im);
    expect(unfolded).toMatch(/^To: ann@example.com, bob@example.com$/im);
    expect(unfolded).toMatch(/^Subject: \[Tutti\] Approval needed: <b>5 < 6<\/b>\?$/im);
    expect(unfolded).toMatch(/^Message-ID: <ntf_1@example.org>$/im);
    expect(unfolded).toMatch(/^List-ID: Tutti notifications <mail.notifications.example.org>$/im);
    expect(unfolded).toMatch(/^Auto-Submitted: auto-generated$/im);
    expect(text).toMatch(/Content-Type: text\/plain[^]*Approval: a-1\r\n[^]*\r\n {2}tutti approve a-1\r\n/);
    expect(text).toMatch(/Content-Type: text\/html[^]*&lt;b&gt;5 &lt; 6&lt;\/b&gt;\?/);
    expect(text.slice(text.indexOf('text/html'))).not.toContain('<b>');
  });

  it('counts as sent what some of the addresses refuse, and says so', async () => {
    const { port, mails } = await serving({ answer: (line) => (line.startsWith('RCPT TO:<bob') ? '550 5.1.1 no such user' : undefined) });
    expect(await send(channel(port))).toEqual({ delivered: true, answer: '250 2.0.0 taken; 1 addresses refused' });
    expect(mails.map(({ to }) => to)).toEqual([['ann@example.com']]);
  });

  it('gives up where all addresses are refused for good, and tries again where it is for a while', async () => {
    let refusal = '550 5.1.1 no such user';
    const { port } = await serving({ answer: (line) => (line.startsWith('RCPT') ? refusal : undefined) });
    expect(await send(channel(port))).toMatchObject({ delivered: false, permanent: true, error: { code: 'SMTP_550' } });
    refusal = '451 4.3.0 later';
    expect(await send(channel(port))).toMatchObject({ delivered: false, permanent: false, error: { code: 'SMTP_451' } });
  });

  it('gives up where the text is refused for good', async () => {
    const { port } = await serving({ answer: (line) => (line === '.' ? '554 5.7.1 spam' : undefined) });
    expect(await send(channel(port))).toMatchObject({
      delivered: false,
      permanent: true,
      error: { code: 'SMTP_554', message: expect.stringContaining('spam') },
    });
  });

  it('sends nothing, not even a name, where TLS is refused', async () => {
    const { port, lines, mails } = await serving({ extensions: ['STARTTLS', 'AUTH PLAIN'] });
    const auth = { user: 'tutti', pass: 'hunter2' };
    const outcome = await send(channel(port, { requireTls: true, auth }));
    expect(outcome).toMatchObject({ delivered: false, permanent: false, error: { code: 'TLS_REFUSED' } });
    expect(JSON.stringify(outcome)).not.toContain('hunter2');
    expect(lines.filter((line) => !/^(EHLO|STARTTLS|QUIT)/.test(line))).toEqual([]);
    expect(mails).toEqual([]);
  });

  it('sends nothing where no TLS is offered', async () => {
    const { port, lines } = await serving();
    expect(await send(channel(port, { requireTls: true }))).toMatchObject({ delivered: false, permanent: false });
    expect(lines.filter((line) => line.startsWith('MAIL'))).toEqual([]);
  });

  it('fails where TLS is expected from the first byte and there is none', async () => {
    const { port, mails } = await serving();
    expect(await send(channel(port, { secure: true }))).toMatchObject({ delivered: false, permanent: false });
    expect(mails).toEqual([]);
  });

  it('tries again where name and password are refused: somebody may put them right', async () => {
    const { port, mails } = await serving({
      extensions: ['AUTH PLAIN'],
      answer: (line) => (line.startsWith('AUTH') ? '535 5.7.8 wrong' : undefined),
    });
    const outcome = await send(channel(port, { auth: { user: 'tutti', pass: 'hunter2' } }));
    expect(outcome).toMatchObject({ delivered: false, permanent: false, error: { code: 'SMTP_535' } });
    expect(JSON.stringify(outcome)).not.toContain('hunter2');
    expect(mails).toEqual([]);
  });

  it('waits no longer than its limit for a server that says nothing', async () => {
    let asked = false;
    const { port } = await serving({
      answer: (line) => {
        if (!line.startsWith('RCPT')) return undefined;
        asked = true;
        return null;
      },
    });
    const outcome = send(channel(port));
    while (!asked) await new Promise((resolve) => setImmediate(resolve));
    await runtime.advance(5_000);
    expect(await outcome).toMatchObject({ delivered: false, permanent: false, error: { code: 'TIMED_OUT' } });
    expect(runtime.pending()).toBe(0);
  });

  it('ends when the process stops', async () => {
    const { port } = await serving({ answer: (line) => (line === '' ? null : undefined) });
    const stop = new AbortController();
    const outcome = send(channel(port), stop.signal);
    stop.abort();
    expect(await outcome).toMatchObject({ delivered: false, error: { code: 'CANCELLED' } });
  });

  it('says that nobody is there', async () => {
    const { port, close } = await serving();
    await close();
    server = null;
    expect(await send(channel(port))).toMatchObject({ delivered: false, permanent: false, error: { code: 'CONNECTION_FAILED' } });
  });
});
