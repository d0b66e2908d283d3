import { createServer, type AddressInfo, type Socket } from 'node:net';

export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  /** Headers and body as they came, dots undone. */
  readonly text: string;
}

export interface TinySmtpServer {
  readonly port: number;
  readonly mails: readonly ReceivedMail[];
  /** Every line of every client outside of mail texts. */
  readonly lines: readonly string[];
  close(): Promise<void>;
}

interface Behaviour {
  /** What is said besides the name in answer to EHLO. */
  readonly extensions?: readonly string[];
  /** An answer of its own to a line; null for none at all, undefined for the usual one. */
  readonly answer?: (line: string) => string | null | undefined;
}

/** As much of SMTP (RFC 5321) as a client needs to get rid of a mail. No TLS: STARTTLS is refused, or not offered. */
export async function startTinySmtpServer({ extensions = [], answer = () => undefined }: Behaviour = {}): Promise<TinySmtpServer> {
  const mails: ReceivedMail[] = [];
  const lines: string[] = [];
  const sockets = new Set<Socket>();

  const usual = (line: string): string => {
    const verb = line.slice(0, 4).toUpperCase();
    if (verb === 'EHLO')
      return ['tiny', ...extensions].map((word, index, all) => `250${index === all.length - 1 ? ' ' : '-'}${word}`).join('\r\n');
    if (verb === 'STAR') return '454 4.7.0 no TLS today';
    if (verb === 'DATA') return '354 go ahead';
    if (verb === 'QUIT') return '221 bye';
    return '250 2.0.0 fine';
  };

  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    let [from, buffered, text]: [string, string, string | null] = ['', '', null];
    let to: string[] = [];
    const say = (line: string | null): void => void (line !== null && socket.write(`${line}\r\n`));
    const take = (line: string): void => {
      if (text !== null) {
        if (line !== '.') return void (text += `${line.replace(/^\./, '')}\r\n`);
        mails.push({ from, to, text });
        [text, to] = [null, []];
        const said = answer('.');
        return say(said === undefined ? '250 2.0.0 taken' : said);
      }
      lines.push(line);
      const said = answer(line);
      const reply = said === undefined ? usual(line) : said;
      const [, path = ''] = /<([^>]*)>/.exec(line) ?? [];
      if (/^MAIL/i.test(line)) from = path;
      if (/^RCPT/i.test(line) && reply?.startsWith('250') === true) to.push(path);
      if (reply?.startsWith('354') === true) text = '';
      say(reply);
      if (/^QUIT/i.test(line)) socket.end();
    };
    socket.on('data', (chunk: Buffer) => {
      buffered += chunk.toString('latin1');
      for (let end = buffered.indexOf('\r\n'); end >= 0; end = buffered.indexOf('\r\n')) {
        const line = buffered.slice(0, end);
        buffered = buffered.slice(end + 2);
        take(line);
      }
    });
    const greeting = answer('');
    say(greeting === undefined ? '220 tiny ESMTP' : greeting);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    mails,
    lines,
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
