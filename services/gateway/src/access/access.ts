import type { EventStore } from '@tutti/event-store';
import { TuttiError, type Runtime } from '@tutti/kernel';
import { PERMISSIONS } from '@tutti/rest-contract';
import type { ProjectionHost, ReadModels, RunningProjection } from '@tutti/read-models';
import type { Logger, ServiceTokens } from '@tutti/service-kit';
import type { AccessConfig } from './access.config.js';
import { AccessCalls } from './access-calls.js';
import { AuditLog } from './audit/audit-log.js';
import { SchemeAuthenticator, type GuardableAuthenticator } from './authenticator.js';
import { CredentialWatch } from './credential-watch.js';
import { permissionsOf } from './grant.js';
import { InstallToken } from './install-token.js';
import { createFetchText } from './jwt/fetch-text.js';
import { JwtScheme } from './jwt/jwt-scheme.js';
import { ApiKeys } from './keys/api-keys.js';
import { KeyDirectory } from './keys/key-directory.js';
import { KeyScheme } from './keys/key-scheme.js';
import { secretValidUntil } from './keys/known-key.js';
import { LogFollower } from './log-follower.js';
import type { Principal } from './principal.js';
import { Refusals } from './refusals/refusals.js';
import { hashOfSecret, type SecretSource } from './secret.js';
import { ServiceTokenAuthenticator } from './service-token.authenticator.js';
import { SessionDirectory, type KnownSession } from './sessions/session-directory.js';
import { Sessions, type SessionOrigin } from './sessions/sessions.js';

const OVER: SessionOrigin = { permissions: new Set(), validUntilMs: 0 };

export interface AccessOptions {
  readonly config: AccessConfig;
  /** What was made at install, or configured. */
  readonly token: string;
  /** Where agents carry tokens of this data folder. */
  readonly serviceTokens?: Pick<ServiceTokens, 'verify'>;
  readonly secrets: SecretSource;
  readonly runtime: Runtime;
  readonly logger: Logger;
}

/** Who may come in, and what they may do: all credentials, and what was recorded of them. */
export class Access {
  readonly authenticator: GuardableAuthenticator;
  readonly watch: CredentialWatch;
  readonly refusals: Refusals;
  readonly sessions: Sessions;
  readonly calls: AccessCalls;
  /** Resolves when every key and session is known. */
  readonly caughtUp: Promise<void>;
  private readonly keys: KeyDirectory;
  private readonly jwt: JwtScheme;
  private readonly audit: AuditLog;
  private readonly follower: LogFollower;
  private store: EventStore | null = null;

  constructor(private readonly options: AccessOptions) {
    const { config, token, secrets, runtime, logger } = options;
    const { clock, timers } = runtime;
    const install = new InstallToken(token);
    this.keys = new KeyDirectory(config.keys.max);
    const sessions = new SessionDirectory(clock);
    this.follower = new LogFollower({
      categories: ['key', 'session'],
      take: (event) => {
        (event.stream.startsWith('key-') ? this.keys : sessions).take(event);
        if (event.type !== 'ApiKeyUsed' && event.type !== 'SessionUsed') this.watch.recheck();
      },
      ...{ timers, logger },
    });
    this.caughtUp = this.follower.caughtUp;
    const stored = { store: () => this.opened(), follower: this.follower, secrets, runtime, logger };
    const keys = new ApiKeys({ ...stored, directory: this.keys, maxKeys: config.keys.max });
    this.sessions = new Sessions({
      ...{ ...stored, directory: sessions, originOf: (session) => this.originOf(session) },
      hashOf: (secret, kind) => (kind === 'install-token' ? install.sessionHash(secret) : hashOfSecret(secret)),
      config: config.sessions,
    });
    this.jwt = new JwtScheme({ issuers: config.jwt, fetchText: createFetchText(timers), runtime, logger });
    this.audit = new AuditLog(timers, logger);
    this.calls = new AccessCalls({ keys, directory: this.keys, follower: this.follower, audit: this.audit, clock });
    this.watch = new CredentialWatch((principal) => this.validUntil(principal), runtime);
    this.refusals = new Refusals({ store: () => this.store, runtime, logger });
    const schemes = [
      new KeyScheme({
        directory: this.keys,
        expectKnown: () => this.follower.expectCaughtUp(),
        onUse: (key, address) => keys.noteUse(key, address),
        clock,
      }),
      ...(options.serviceTokens === undefined ? [] : [new ServiceTokenAuthenticator(options.serviceTokens)]),
      this.jwt,
      install,
    ];
    this.authenticator = new SchemeAuthenticator(schemes, this.sessions);
  }

  /** Begins to read what was recorded, in the background. */
  start(store: EventStore, projections: ProjectionHost, readModels: ReadModels): void {
    this.store = store;
    this.follower.start(store);
    this.audit.start(projections, readModels);
  }

  /** The read models that the gateway follows. */
  projections(): readonly RunningProjection[] {
    return this.audit.projections();
  }

  async close(): Promise<void> {
    await Promise.all([this.refusals.close(), this.follower.close(), this.audit.close()]);
  }

  /** Whether anybody could come in with a credential that somebody set up. Wait for `caughtUp` before. */
  hasCredentials(): boolean {
    return this.options.config.jwt.length > 0 || this.keys.hasActive(this.options.runtime.clock.now());
  }

  private validUntil({ credential, expiresAtMs }: Principal): number | null {
    switch (credential.kind) {
      case 'api-key': {
        const key = this.keys.find(credential.id);
        return key === null ? 0 : secretValidUntil(key, credential.generation ?? 0);
      }
      case 'session':
        return this.sessions.validUntil(credential.id);
      default:
        return expiresAtMs;
    }
  }

  /** A session is worth what its credential is worth: it ends with it, and a key’s role counts as it is now. */
  private originOf({ origin, grant }: KnownSession): SessionOrigin {
    switch (origin.kind) {
      case 'install-token':
        return { permissions: new Set(PERMISSIONS), validUntilMs: null };
      case 'api-key': {
        const key = this.keys.find(origin.id);
        return key === null ? OVER : { permissions: key.permissions, validUntilMs: secretValidUntil(key, origin.generation) };
      }
      case 'jwt':
        return this.jwt.knows(origin.id) ? { permissions: permissionsOf(grant), validUntilMs: null } : OVER;
      default:
        return OVER;
    }
  }

  private opened(): EventStore {
    if (this.store === null) throw new TuttiError('SHUTTING_DOWN', 'the service is starting');
    return this.store;
  }
}
