import { sessionEvents, type SessionEvent } from '@tutti/contracts';
import { handleCommand, type EventStore } from '@tutti/event-store';
import { eventMetadata, isoTime, newEvent, toTuttiError, TuttiError, type Runtime } from '@tutti/kernel';
import type { Permission } from '@tutti/rest-contract';
import type { Logger } from '@tutti/service-kit';
import type { LogFollower } from '../log-follower.js';
import { mayActAs, type Credential, type Principal } from '../principal.js';
import { isSameHash, type SecretSource } from '../secret.js';
import { readSession, sessionCookieIn, type SessionText } from './session-cookie.js';
import { type SessionDirectory, type KnownSession } from './session-directory.js';
import { sessionDecider, type SessionCommand } from './session.decider.js';
import { sessionStream } from './session.state.js';

const SELF_LIMIT_MS = 5_000;
const GATEWAY = 'service:gateway';
/** How often a session’s use is recorded within its idle time: other processes think it idle sooner by as much. */
const NOTES_PER_IDLE = 10;

/** What a session rests on, as things stand. */
export interface SessionOrigin {
  readonly permissions: ReadonlySet<Permission>;
  /** Milliseconds since the epoch; 0 for one that is over, null for no end. */
  readonly validUntilMs: number | null;
}

export interface SessionsConfig {
  readonly max: number;
  readonly idleTimeoutMs: number;
  readonly maxAgeMs: number;
}

interface SessionsParts {
  readonly store: () => EventStore;
  readonly directory: SessionDirectory;
  readonly follower: LogFollower;
  /** What the session’s credential is worth now. */
  readonly originOf: (session: KnownSession) => SessionOrigin;
  /** Of a session’s secret, by the credential it was started with. */
  readonly hashOf: (secret: string, credentialKind: string) => string;
  readonly config: SessionsConfig;
  readonly secrets: SecretSource;
  readonly runtime: Pick<Runtime, 'clock' | 'ids'>;
  readonly logger: Logger;
}

interface StartedSession {
  readonly text: SessionText;
  readonly principal: Principal;
  readonly maxAgeSeconds: number;
}

/** Sessions of people who use the page: a cookie that stands for a credential, ends with it, and survives a restart of the gateway. */
export class Sessions {
  constructor(private readonly parts: SessionsParts) {}

  cookieIn(header: string | undefined): string | undefined {
    return sessionCookieIn(header);
  }

  /** @throws TuttiError UNAUTHENTICATED · SHUTTING_DOWN until every session is known */
  authenticate(cookie: string): Principal {
    this.parts.follower.expectCaughtUp();
    const session = this.verified(cookie);
    const origin = session === null ? null : this.parts.originOf(session);
    const nowMs = this.parts.runtime.clock.now();
    const until = session === null || origin === null ? 0 : this.endOf(session, origin);
    if (session === null || origin === null || until <= nowMs)
      throw new TuttiError('UNAUTHENTICATED', 'the session is over: sign in again');
    session.usedAtMs = nowMs;
    this.noteUse(session, nowMs);
    return principalOf(session, origin, session.expiresAtMs);
  }

  /**
   * @param named the session’s actor, for a credential that may act as others
   * @throws TuttiError PERMISSION_DENIED for the actor of somebody else, or a session that would rest on another
   */
  async start(principal: Principal, named?: string): Promise<StartedSession> {
    const { secrets, runtime, config, directory, follower, hashOf } = this.parts;
    const { credential } = principal;
    if (credential.kind === 'session' || credential.kind === 'service-token')
      throw new TuttiError('PERMISSION_DENIED', `a session is started with a token, key or JWT, not with a ${credential.kind}`);
    const actor = named ?? principal.actor;
    if (!mayActAs(principal, actor))
      throw new TuttiError('PERMISSION_DENIED', `the session would be that of ${actor}, but the credential is that of ${principal.actor}`);
    follower.expectCaughtUp();
    await this.makeRoom(actor);
    const nowMs = runtime.clock.now();
    const text = { id: secrets.id(), secret: secrets.secret() };
    const expiresAtMs = Math.min(nowMs + config.maxAgeMs, principal.expiresAtMs ?? Infinity);
    const session = {
      ...{ id: text.id, actor, origin: { kind: credential.kind, id: credential.id, generation: credential.generation ?? 0 } },
      grant: { role: null, permissions: [...principal.permissions] },
      ...{ mayActAsOthers: principal.mayActAsOthers, secretHash: hashOf(text.secret, credential.kind), expiresAt: isoTime(expiresAtMs) },
    };
    const position = await this.decide({ type: 'StartSession', session }, actor);
    await follower.reach(position, SELF_LIMIT_MS);
    const known = directory.find(text.id);
    if (known === null) throw new TuttiError('UNAUTHENTICATED', `the ${credential.kind} is over`);
    return {
      text,
      principal: principalOf(known, this.parts.originOf(known), expiresAtMs),
      maxAgeSeconds: Math.max(0, Math.floor((expiresAtMs - nowMs) / 1_000)),
    };
  }

  /** Ends the session that the Cookie header proves; does nothing for any other. */
  async end(cookieHeader: string | undefined): Promise<void> {
    const cookie = sessionCookieIn(cookieHeader);
    const session = cookie === undefined ? null : this.verified(cookie);
    if (session === null) return;
    const position = await this.decide({ type: 'EndSession', id: session.id, reason: 'signed-out' }, session.actor);
    await this.parts.follower.reach(position, SELF_LIMIT_MS);
  }

  /** Until when the session holds as things stand; 0 for one that is over. */
  validUntil(id: string): number {
    const session = this.parts.directory.find(id);
    return session === null ? 0 : this.endOf(session, this.parts.originOf(session));
  }

  private verified(cookie: string): KnownSession | null {
    const text = readSession(cookie);
    const session = text === null ? null : this.parts.directory.find(text.id);
    if (text === null || session === null) return null;
    return isSameHash(this.parts.hashOf(text.secret, session.origin.kind), session.secretHash) ? session : null;
  }

  private endOf(session: KnownSession, { validUntilMs }: SessionOrigin): number {
    return Math.min(session.expiresAtMs, session.usedAtMs + this.parts.config.idleTimeoutMs, validUntilMs ?? Infinity);
  }

  /** For one too many goes the least recently used one of whoever has most of them, so that nobody ends the sessions of others by starting many. */
  private async makeRoom(actor: string): Promise<void> {
    const { directory, config, runtime, originOf } = this.parts;
    const open: KnownSession[] = [];
    for (const session of directory.all()) {
      if (this.endOf(session, originOf(session)) <= runtime.clock.now()) directory.forget(session.id);
      else open.push(session);
    }
    if (open.length < config.max) return;
    const counts = new Map([[actor, 1]]);
    for (const each of open) counts.set(each.actor, (counts.get(each.actor) ?? 0) + 1);
    const most = Math.max(...counts.values());
    const oldest = open
      .filter((each) => counts.get(each.actor) === most)
      .reduce((left, right) => (right.usedAtMs < left.usedAtMs ? right : left));
    await this.decide({ type: 'EndSession', id: oldest.id, reason: 'replaced' }, GATEWAY);
    directory.forget(oldest.id);
  }

  /** Nobody waits for it. */
  private noteUse(session: KnownSession, nowMs: number): void {
    const everyMs = this.parts.config.idleTimeoutMs / NOTES_PER_IDLE;
    if (nowMs - session.notedAtMs < everyMs) return;
    session.notedAtMs = nowMs;
    this.decide({ type: 'NoteSessionUse', id: session.id, nowMs, everyMs }, GATEWAY).catch((error: unknown) =>
      this.parts.logger.debug('the use of a session was not noted', { session: session.id, err: toTuttiError(error) }),
    );
  }

  private async decide(command: SessionCommand, actor: string): Promise<number> {
    const { store, runtime } = this.parts;
    const stream = sessionStream(command.type === 'StartSession' ? command.session.id : command.id);
    const { position } = await handleCommand(store(), {
      stream,
      decider: sessionDecider,
      command,
      encode: (event) =>
        newEvent(runtime.ids.next(), sessionEvents[event.type], event.data, eventMetadata({ correlationId: stream, actor })),
      decode: ({ type, data }) => ({ type, data }) as SessionEvent,
    });
    return position;
  }
}

function principalOf({ id, actor, mayActAsOthers }: KnownSession, { permissions }: SessionOrigin, expiresAtMs: number): Principal {
  const credential: Credential = { kind: 'session', id };
  return { actor, credential, permissions, mayActAsOthers, expiresAtMs };
}
