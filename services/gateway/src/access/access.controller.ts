import { Controller, Inject, Res } from '@nestjs/common';
import { createKey, getCaller, getKey, listAudit, listKeys, revokeKey, rotateKey, type RouteInput } from '@tutti/rest-contract';
import type { FastifyReply } from 'fastify';
import { Actor } from '../door/actor.js';
import { GATEWAY_PARTS, type GatewayParts } from '../gateway-parts.js';
import { Input, Route } from '../rest/route.decorator.js';
import type { AccessCalls } from './access-calls.js';
import { callerToWire } from './caller.wire.js';
import { CallerPrincipal } from './caller.decorator.js';
import type { Principal } from './principal.js';

@Controller()
export class AccessController {
  private readonly calls: AccessCalls;

  constructor(@Inject(GATEWAY_PARTS) { access }: GatewayParts) {
    this.calls = access.calls;
  }

  @Route(getCaller)
  me(@CallerPrincipal() principal: Principal) {
    return { caller: callerToWire(this.calls.caller(principal)) };
  }

  @Route(createKey)
  async create(
    @Input(createKey) { body }: RouteInput<typeof createKey>,
    @CallerPrincipal() principal: Principal,
    @Actor() actor: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const { name, role = '', permissions = [], expiresAt } = body;
    const { key, secret, position } = await this.calls.createKey({ name, role, permissions, expiresAt, actor }, principal);
    reply.header('location', `/v1/access/keys/${key?.id}`);
    return { key, secret, position };
  }

  @Route(listKeys)
  async list(@Input(listKeys) { query }: RouteInput<typeof listKeys>) {
    const { keys, nextPageToken } = await this.calls.listKeys({ ...query, includeRevoked: query.includeRevoked !== 'false' });
    return { keys, nextPageToken };
  }

  @Route(getKey)
  async get(@Input(getKey) { params, query }: RouteInput<typeof getKey>) {
    const { key } = await this.calls.getKey({ ...params, ...query });
    return { key };
  }

  @Route(rotateKey)
  async rotate(
    @Input(rotateKey) { params, body }: RouteInput<typeof rotateKey>,
    @CallerPrincipal() principal: Principal,
    @Actor() actor: string,
  ) {
    const { key, secret, position } = await this.calls.rotateKey({ ...params, ...body, actor }, principal);
    return { key, secret, position };
  }

  @Route(revokeKey)
  async revoke(@Input(revokeKey) { params, body }: RouteInput<typeof revokeKey>, @Actor() actor: string) {
    const { position } = await this.calls.revokeKey({ ...params, ...body, actor });
    return { position };
  }

  @Route(listAudit)
  async audit(@Input(listAudit) { query }: RouteInput<typeof listAudit>) {
    const { actor = '', category = '', type = '', since, until, ...rest } = query;
    const { entries, nextPageToken } = await this.calls.listAudit({ actor, category, type, since, until, ...rest });
    return { entries, nextPageToken };
  }
}
