import { lookup, type LookupAddress } from 'node:dns';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { isPublicAddress } from './address-rules.js';

export interface PostRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly allowPrivateAddresses: boolean;
  readonly signal: AbortSignal;
}

export interface PostAnswer {
  readonly status: number;
  readonly statusText: string;
  readonly retryAfter: string | null;
  /** Its first bytes, as text; empty for a success. */
  readonly text: string;
}

/** What is read of an answer: enough for a person to see what is wrong. */
const MAX_ANSWER_BYTES = 2_048;

/** The name leads to an address that is closed. */
export class AddressRefused extends Error {}

/**
 * Posts once, on a connection of its own, and follows no redirect. The address that is connected to is the one that was checked: a name cannot change its mind in
 * between. Rejects with {@link AddressRefused}, with what the connection failed from, or with the signal's reason.
 */
export async function post({ url, headers, body, allowPrivateAddresses, signal }: PostRequest): Promise<PostAnswer> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  // No name is looked up for an address.
  if (isIP(host) !== 0 && !allowPrivateAddresses && !isPublicAddress(host)) throw refused(host, host);
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const outgoing = send(url, {
      method: 'POST',
      headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
      agent: false,
      signal,
      ...(allowPrivateAddresses ? {} : { lookup: publicLookup }),
    });
    outgoing.on('error', reject);
    outgoing.on('response', (response) => {
      const { statusCode = 0, statusMessage = '', headers: given } = response;
      // Who says that it is delivered need not say more, and cannot take it back by never coming to an end.
      const start = isSuccess(statusCode) ? Promise.resolve('') : readStart(response);
      start.then((text) => {
        resolve({ status: statusCode, statusText: statusMessage, retryAfter: given['retry-after'] ?? null, text });
        outgoing.destroy();
      }, reject);
    });
    outgoing.end(body);
  });
}

export function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

function readStart(response: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const done = (): void => resolve(Buffer.concat(chunks).subarray(0, MAX_ANSWER_BYTES).toString('utf8'));
    response.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= MAX_ANSWER_BYTES) done();
    });
    response.on('end', done);
    response.on('error', reject);
  });
}

const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
    if (error !== null) return callback(error, '', 0);
    const open = addresses.filter(({ address }) => isPublicAddress(address));
    const [first] = open;
    if (first === undefined) return callback(refused(hostname, addresses.map(({ address }) => address).join(', ')), '', 0);
    if (options.all === true) callback(null, open);
    else callback(null, first.address, first.family);
  });
};

function refused(host: string, address: string): AddressRefused {
  return new AddressRefused(
    `${host === address ? address : `${host} is ${address}, which`} is not an address of the public Internet; allow it with allowPrivateAddresses`,
  );
}
