import { type createKey, type RouteInput } from '@tutti/rest-contract';
import { send, type Answer } from './http-client.js';
import type { TestGateway } from './test-gateway.js';

export interface MadeKey {
  readonly id: string;
  readonly secret: string;
}

/** An API key that the install token made. */
export async function aKey({ call }: Pick<TestGateway, 'call'>, key: RouteInput<typeof createKey>['body']): Promise<MadeKey> {
  const { status, json } = await call('POST', '/v1/access/keys', { json: key });
  if (status !== 201) throw new Error(`no key was made: ${JSON.stringify(json)}`);
  return { id: (json['key'] as { readonly id: string }).id, secret: String(json['secret']) };
}

type Asked = Parameters<TestGateway['call']>[2];

/** Requests with another credential than the install token. */
export function callerWith({ url }: Pick<TestGateway, 'url'>, token: string) {
  return (method: string, path: string, { json, headers = {} }: Asked = {}): Promise<Answer> =>
    send(url, path, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(json === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    });
}
