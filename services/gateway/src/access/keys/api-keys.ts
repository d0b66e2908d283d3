import { keyEvents, type AccessGrant, type KeyEvent } from '@tutti/contracts';
import { handleCommand, type EventStore } from '@tutti/event-store';
import { eventMetadata, newEvent, toTuttiError, TuttiError, type Runtime } from '@tutti/kernel';
import type { Logger } from '@tutti/service-kit';
import { checkMayGrant } from '../grant.js';
import type { LogFollower } from '../log-follower.js';
import type { Principal } from '../principal.js';
import { hashOfSecret, type SecretSource } from '../secret.js';
import { keyDecider, type KeyCommand } from './key.decider.js';
import { keyStream } from './key.state.js';
import type { KeyDirectory } from './key-directory.js';
import { writeKey } from './key-secret.js';
import type { KnownKey } from './known-key.js';

const SELF_LIMIT_MS = 5_000;
const USE_EVERY_MS = 3_600_000;
const GATEWAY = 'service:gateway';

interface ApiKeysParts {
  readonly store: () => EventStore;
  readonly directory: KeyDirectory;
  readonly follower: LogFollower;
  readonly maxKeys: number;
  readonly secrets: SecretSource;
  readonly runtime: Pick<Runtime, 'clock' | 'ids'>;
  readonly logger: Logger;
}

export interface IssuedKey {
  readonly key: KnownKey;
  /** Shown this once. */
  readonly secret: string;
  readonly position: number;
}

/** What is done with keys. Each change is known here, and answered, once it is durable; to other gateways a moment later. */
export class ApiKeys {
  /** When each key’s use was last handed to the store by this process. */
  private readonly noted = new Map<string, number>();
  private queue: Promise<unknown> = Promise.resolve();

  constructor(private readonly parts: ApiKeysParts) {}

  /** @throws TuttiError PERMISSION_DENIED for more than the principal has · KEY_EXISTS · INVALID_REQUEST · OVERLOADED */
  async create(
    principal: Principal,
    actor: string,
    { name, grant, expiresAtMs }: { readonly name: string; readonly grant: AccessGrant; readonly expiresAtMs: number | null },
  ): Promise<IssuedKey> {
    checkMayGrant(principal, grant);
    return this.oneAtATime(async () => {
      const { directory, maxKeys, secrets, runtime } = this.parts;
      const named = directory.named(name);
      if (named !== null) throw new TuttiError('KEY_EXISTS', `key ${named.id} has the name ${name} already`);
      if (directory.size >= maxKeys)
        throw new TuttiError(
          'OVERLOADED',
          `there are ${directory.size} keys; at most ${maxKeys} are taken (gateway.auth.keys.max): revoke some`,
          {
            retryable: false,
          },
        );
      const [id, secret] = [secrets.id(), secrets.secret()];
      const nowMs = runtime.clock.now();
      const position = await this.apply(
        { type: 'CreateKey', id, name, grant, secretHash: hashOfSecret(secret), expiresAtMs, actor, nowMs },
        actor,
      );
      return { key: directory.get(id), secret: writeKey({ id, secret }), position };
    });
  }

  /** @throws TuttiError KEY_NOT_FOUND · KEY_REVOKED · PERMISSION_DENIED: whoever gets a key’s secret gets what it may do */
  async rotate(principal: Principal, actor: string, id: string, overlapMs: number): Promise<IssuedKey> {
    const { directory, secrets, runtime } = this.parts;
    checkMayGrant(principal, directory.get(id).grant);
    const secret = secrets.secret();
    const nowMs = runtime.clock.now();
    const position = await this.apply({ type: 'RotateKey', id, secretHash: hashOfSecret(secret), overlapMs, actor, nowMs }, actor);
    return { key: directory.get(id), secret: writeKey({ id, secret }), position };
  }

  /** @throws TuttiError KEY_NOT_FOUND */
  async revoke(actor: string, id: string, reason: string): Promise<number> {
    this.parts.directory.get(id);
    return this.apply({ type: 'RevokeKey', id, reason, actor }, actor);
  }

  /** At most once an hour for each key; nobody waits for it. */
  noteUse(key: KnownKey, address: string): void {
    const nowMs = this.parts.runtime.clock.now();
    const last = Math.max(this.noted.get(key.id) ?? 0, key.used?.atMs ?? 0);
    if (nowMs - last < USE_EVERY_MS) return;
    this.noted.set(key.id, nowMs);
    this.decide({ type: 'NoteKeyUse', id: key.id, address: address.slice(0, 100), everyMs: USE_EVERY_MS, nowMs }, GATEWAY).catch(
      (error: unknown) => this.parts.logger.debug('the use of a key was not noted', { key: key.id, err: toTuttiError(error) }),
    );
  }

  private async apply(command: KeyCommand, actor: string): Promise<number> {
    const position = await this.decide(command, actor);
    await this.parts.follower.reach(position, SELF_LIMIT_MS);
    return position;
  }

  private async decide(command: KeyCommand, actor: string): Promise<number> {
    const { store, runtime } = this.parts;
    const stream = keyStream(command.id);
    const { position } = await handleCommand(store(), {
      stream,
      decider: keyDecider,
      command,
      encode: (event) => newEvent(runtime.ids.next(), keyEvents[event.type], event.data, eventMetadata({ correlationId: stream, actor })),
      decode: ({ type, data }) => ({ type, data }) as KeyEvent,
    });
    return position;
  }

  /** Names are given once, and the limit holds, also when many are made at once. */
  private oneAtATime<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = this.queue.then(work);
    this.queue = turn.catch(() => undefined);
    return turn;
  }
}
