import { createHash, timingSafeEqual } from 'node:crypto';
import { Metadata, ServerInterceptingCall, ServerListenerBuilder, status, type ServerInterceptor } from '@grpc/grpc-js';
import { fault } from './faults.js';

/** Passwords by user name. */
export type Users = Readonly<Record<string, string>>;

/** Everybody may ask what the server can do; for the rest a call names a user and its password, as the client does with those of its connection string. */
export function accessCheck(users: Users): ServerInterceptor {
  return ({ path }, call) => {
    if (path.startsWith('/event_store.client.server_features.')) return new ServerInterceptingCall(call);
    const listener = new ServerListenerBuilder()
      .withOnReceiveMetadata((metadata, next) => {
        const refusal = refusalOf(users, metadata);
        if (refusal === null) next(metadata);
        else call.sendStatus(refusal);
      })
      .build();
    return new ServerInterceptingCall(call, { start: (next) => next(listener) });
  };
}

function refusalOf(users: Users, metadata: Metadata): { code: status; details: string; metadata: Metadata } | null {
  const [scheme = '', encoded = ''] = String(metadata.get('authorization')[0] ?? '').split(' ');
  if (scheme.toLowerCase() !== 'basic') return fault(status.PERMISSION_DENIED, 'access-denied', 'Access Denied');
  const [, name = '', password = ''] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, 'base64').toString('utf8')) ?? [];
  const known = Object.hasOwn(users, name) ? users[name] : undefined;
  // As long for a name that there is not.
  const same = timingSafeEqual(digest(password), digest(known ?? ''));
  return known !== undefined && same ? null : { code: status.UNAUTHENTICATED, details: 'Unauthenticated', metadata: new Metadata() };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
