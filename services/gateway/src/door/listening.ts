import { TuttiError } from '@tutti/kernel';
import type { GatewayConfig } from '../gateway.config.js';

/** @throws TuttiError INVALID_CONFIG where the address cannot be had */
export async function listening<T>(start: Promise<T>, { host, port }: Pick<GatewayConfig, 'host' | 'port'>): Promise<T> {
  try {
    return await start;
  } catch (error) {
    const reasons: Readonly<Record<string, string>> = {
      EADDRINUSE: 'is in use',
      EACCES: 'is not allowed',
      EADDRNOTAVAIL: 'is not an address of this machine',
    };
    const reason = reasons[(error as NodeJS.ErrnoException).code ?? ''];
    if (reason === undefined) throw error;
    throw new TuttiError(
      'INVALID_CONFIG',
      `${host}:${port} ${reason}; choose another with gateway.port (--port, TUTTI_GATEWAY__PORT) or gateway.host`,
      { cause: error },
    );
  }
}
