import { Controller, Get, Inject, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { configOf } from '../rest/route-config.js';
import { GATEWAY_PARTS, type GatewayParts } from '../gateway-parts.js';

const OPEN = configOf({ access: 'anyone', load: 'vital' });

interface HealthAnswer {
  readonly status: 'ok' | 'unavailable';
  readonly reasons: readonly string[];
}

/** For supervisors and load balancers; without a token, and without anything worth one. */
@Controller()
export class HealthController {
  constructor(@Inject(GATEWAY_PARTS) private readonly parts: GatewayParts) {}

  @Get('health/live')
  @RouteConfig(OPEN)
  live(): HealthAnswer {
    return { status: 'ok', reasons: [] };
  }

  @Get('health/ready')
  @RouteConfig(OPEN)
  ready(@Res({ passthrough: true }) reply: FastifyReply): HealthAnswer {
    return answer(this.parts.health.reasons, reply);
  }

  @Get('health/startup')
  @RouteConfig(OPEN)
  startup(@Res({ passthrough: true }) reply: FastifyReply): HealthAnswer {
    return answer(this.parts.health.started ? [] : this.parts.health.reasons, reply);
  }

  @Get('version')
  @RouteConfig(OPEN)
  version() {
    return { name: 'tutti', version: this.parts.version, node: process.versions.node };
  }
}

function answer(reasons: readonly string[], reply: FastifyReply): HealthAnswer {
  if (reasons.length === 0) return { status: 'ok', reasons };
  reply.code(503);
  return { status: 'unavailable', reasons };
}
