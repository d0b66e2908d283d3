import type {
  AccessGrant,
  ApiKey,
  Caller,
  CreateKeyRequest,
  CreateKeyResponse,
  GetKeyRequest,
  GetKeyResponse,
  ListAuditRequest,
  ListAuditResponse,
  ListKeysRequest,
  ListKeysResponse,
  RevokeKeyRequest,
  RevokeKeyResponse,
  RotateKeyRequest,
  RotateKeyResponse,
} from '@tutti/contracts';
import { isoTime, TuttiError, type Clock } from '@tutti/kernel';
import { createKey, listAudit, revokeKey, rotateKey } from '@tutti/rest-contract';
import { parseRequest } from '@tutti/service-kit';
import type { ApiKeys } from './keys/api-keys.js';
import type { AuditLog } from './audit/audit-log.js';
import type { KeyDirectory } from './keys/key-directory.js';
import { keyActor } from './keys/key-scheme.js';
import { keyStatus, type KnownKey } from './keys/known-key.js';
import type { LogFollower } from './log-follower.js';
import { roleOf, type Principal } from './principal.js';

const DEFAULT_PAGE_SIZE = 100;
const MAX_PAGE_SIZE = 1_000;
const POSITION_LIMIT_MS = 5_000;

interface AccessCallsParts {
  readonly keys: ApiKeys;
  readonly directory: KeyDirectory;
  readonly follower: LogFollower;
  readonly audit: AuditLog;
  readonly clock: Pick<Clock, 'now'>;
}

/** What REST and gRPC ask about access, with the one who asks. */
export class AccessCalls {
  constructor(private readonly parts: AccessCallsParts) {}

  caller({ actor, permissions, credential, mayActAsOthers, expiresAtMs }: Principal): Caller {
    return {
      ...{ actor, role: roleOf(permissions), permissions: [...permissions] },
      ...{ credentialKind: credential.kind, credentialId: credential.id, mayActAsOthers },
      ...(expiresAtMs === null ? {} : { expiresAt: isoTime(expiresAtMs) }),
    };
  }

  /** @throws TuttiError INVALID_REQUEST, and what `ApiKeys.create` throws */
  async createKey({ actor, ...request }: CreateKeyRequest, principal: Principal): Promise<CreateKeyResponse> {
    const { name, role, permissions, expiresAt } = parseRequest(createKey.body, withoutEmpty({ ...request }), 'create key');
    const grant: AccessGrant = { role: role ?? null, permissions: permissions ?? [] };
    const expiresAtMs = expiresAt === undefined ? null : Date.parse(expiresAt);
    const { key, secret, position } = await this.parts.keys.create(principal, actor, { name, grant, expiresAtMs });
    return { key: this.toApiKey(key), secret, position };
  }

  async listKeys({ includeRevoked, pageSize, pageToken, minPosition }: ListKeysRequest): Promise<ListKeysResponse> {
    await this.reach(minPosition);
    const all = this.parts.directory.all().filter((key) => includeRevoked || key.revoked === null);
    const start = pageToken === '' ? 0 : all.findIndex(({ id }) => id === pageToken) + 1;
    if (start === 0 && pageToken !== '') throw new TuttiError('INVALID_REQUEST', 'the page token is none of this list');
    const page = all.slice(start, start + Math.min(pageSize || DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE));
    const isLast = start + page.length >= all.length;
    return { keys: page.map((key) => this.toApiKey(key)), nextPageToken: isLast ? '' : (page.at(-1)?.id ?? '') };
  }

  /** @throws TuttiError KEY_NOT_FOUND */
  async getKey({ id, minPosition }: GetKeyRequest): Promise<GetKeyResponse> {
    await this.reach(minPosition);
    return { key: this.toApiKey(this.parts.directory.get(id)) };
  }

  /** @throws TuttiError KEY_NOT_FOUND · KEY_REVOKED · PERMISSION_DENIED */
  async rotateKey({ id, overlapSeconds, actor }: RotateKeyRequest, principal: Principal): Promise<RotateKeyResponse> {
    const { overlapSeconds: seconds } = parseRequest(rotateKey.body, { overlapSeconds }, 'rotate key');
    this.parts.follower.expectCaughtUp();
    const { key, secret, position } = await this.parts.keys.rotate(principal, actor, id, seconds * 1_000);
    return { key: this.toApiKey(key), secret, position };
  }

  /** @throws TuttiError KEY_NOT_FOUND */
  async revokeKey({ id, reason, actor }: RevokeKeyRequest): Promise<RevokeKeyResponse> {
    const parsed = parseRequest(revokeKey.body, { reason }, 'revoke key');
    this.parts.follower.expectCaughtUp();
    return { position: await this.parts.keys.revoke(actor, id, parsed.reason) };
  }

  /** @throws TuttiError INVALID_REQUEST · TIMED_OUT */
  async listAudit({ since, until, ...rest }: ListAuditRequest): Promise<ListAuditResponse> {
    const times = parseRequest(listAudit.query, withoutEmpty({ since: since ?? '', until: until ?? '' }), 'list audit');
    const inUtc = (text: string | undefined): string => (text === undefined ? '' : isoTime(Date.parse(text)));
    const { entries, nextPageToken } = await this.parts.audit.list({ ...rest, since: inUtc(times.since), until: inUtc(times.until) });
    return { entries, nextPageToken };
  }

  private async reach(position: number): Promise<void> {
    this.parts.follower.expectCaughtUp();
    if (position > 0) await this.parts.follower.reach(position, POSITION_LIMIT_MS);
  }

  private toApiKey(key: KnownKey): ApiKey {
    const { id, name, grant, permissions, createdBy, previous, revoked, used } = key;
    const at = (name: string, ms: number | null | undefined) => (ms === null || ms === undefined ? {} : { [name]: isoTime(ms) });
    return {
      ...{ id, name, actor: keyActor(key), role: grant.role ?? '', permissions: [...permissions] },
      ...{ status: keyStatus(key, this.parts.clock.now()), createdAt: isoTime(key.createdAtMs), createdBy },
      ...at('expiresAt', key.expiresAtMs),
      ...at('rotatedAt', key.rotatedAtMs),
      ...at('previousValidUntil', previous?.untilMs),
      ...at('revokedAt', revoked?.atMs),
      ...{ revokedBy: revoked?.by ?? '', revokeReason: revoked?.reason ?? '' },
      ...at('lastUsedAt', used?.atMs),
      lastUsedFrom: used?.from ?? '',
    };
  }
}

/** Empty texts and lists, which the contract cannot tell from absent ones, stand for nothing. */
function withoutEmpty(request: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const isEmpty = (value: unknown): boolean => value === undefined || value === '' || (Array.isArray(value) && value.length === 0);
  return Object.fromEntries(Object.entries(request).filter(([, value]) => !isEmpty(value)));
}
