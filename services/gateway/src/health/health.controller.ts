import { Controller, Inject, Res } from '@nestjs/common';
import { getLiveness, getReadiness, getStartup, getVersion } from '@tutti/rest-contract';
import type { FastifyReply } from 'fastify';
import { GATEWAY_PARTS, type GatewayParts } from '../gateway-parts.js';
import { Route } from '../rest/route.decorator.js';

interface HealthAnswer {
  readonly status: 'ok' | 'unavailable';
  readonly reasons: readonly string[];
}

/** For supervisors and load balancers; without a token, and without anything worth one. */
@Controller()
export class HealthController {
  constructor(@Inject(GATEWAY_PARTS) private readonly parts: GatewayParts) {}

  @Route(getLiveness)
  live(): HealthAnswer {
    return { status: 'ok', reasons: [] };
  }

  @Route(getReadiness)
  ready(@Res({ passthrough: true }) reply: FastifyReply): HealthAnswer {
    const { health, limits } = this.parts;
    // Whoever sheds load is there for what is vital, so it stays in the rotation, and says what it does.
    if (health.reasons.length === 0) return { status: 'ok', reasons: limits.shedder.reasons };
    return answer(health.reasons, reply);
  }

  @Route(getStartup)
  startup(@Res({ passthrough: true }) reply: FastifyReply): HealthAnswer {
    return answer(this.parts.health.started ? [] : this.parts.health.reasons, reply);
  }

  @Route(getVersion)
  version() {
    return { name: 'tutti', version: this.parts.version, node: process.versions.node };
  }
}

function answer(reasons: readonly string[], reply: FastifyReply): HealthAnswer {
  if (reasons.length === 0) return { status: 'ok', reasons };
  reply.code(503);
  return { status: 'unavailable', reasons };
}
