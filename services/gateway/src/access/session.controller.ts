import { Controller, Inject, Req, Res } from '@nestjs/common';
import { endSession, startSession, type RouteInput } from '@tutti/rest-contract';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { GATEWAY_PARTS, type GatewayParts } from '../gateway-parts.js';
import { Input, Route } from '../rest/route.decorator.js';
import type { Access } from './access.js';
import { callerToWire } from './caller.wire.js';
import { CallerPrincipal } from './caller.decorator.js';
import type { Principal } from './principal.js';
import { clearSessionCookie, setSessionCookie } from './sessions/session-cookie.js';

/** Signing in to the page and out of it. */
@Controller()
export class SessionController {
  private readonly access: Access;
  private readonly secure: boolean;

  constructor(@Inject(GATEWAY_PARTS) { access, config }: GatewayParts) {
    this.access = access;
    this.secure = config.auth.sessions.secureCookie;
  }

  @Route(startSession)
  async start(
    @Input(startSession) { body }: RouteInput<typeof startSession>,
    @CallerPrincipal() principal: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const { text, principal: caller, maxAgeSeconds } = await this.access.sessions.start(principal, body.actor);
    reply.header('set-cookie', setSessionCookie(text, maxAgeSeconds, this.secure));
    return { caller: callerToWire(this.access.calls.caller(caller)) };
  }

  @Route(endSession)
  async end(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<void> {
    await this.access.sessions.end(request.headers.cookie);
    reply.header('set-cookie', clearSessionCookie(this.secure));
  }
}
