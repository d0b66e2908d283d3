import { locateServer as locate, parseAddress as parse, type ConnectionOptions, type Endpoint, type Located } from '@tutti/client/http';
import type { Environment } from '../environment.port.js';
import { EXIT } from '../failure/exit-codes.js';
import { Failure, toFailure } from '../failure/failure.js';

/** The server to talk to. @throws Failure USAGE for an address that is none */
export async function locateServer(options: ConnectionOptions, environment: Environment): Promise<Located> {
  try {
    return await locate(options, environment);
  } catch (error) {
    throw toFailure(error);
  }
}

/** An address as it is named: a host alone is one of HTTP. @throws Failure USAGE for one that is none */
export function parseAddress(text: string): URL {
  try {
    return parse(text, 'http');
  } catch (error) {
    throw toFailure(error);
  }
}

/** @throws Failure NOT_RUNNING */
export async function requireServer(options: ConnectionOptions, environment: Environment): Promise<Endpoint> {
  const located = await locateServer(options, environment);
  if (located.kind === 'found') return located.endpoint;
  throw new Failure('NOT_RUNNING', located.reason, { exitCode: EXIT.notRunning });
}
