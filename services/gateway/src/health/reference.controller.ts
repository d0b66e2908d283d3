import { Controller, Inject } from '@nestjs/common';
import { ERROR_CODES, type ErrorCode } from '@tutti/kernel';
import { getDoctor, getErrorCodes } from '@tutti/rest-contract';
import { findingOf, findReadModels } from '@tutti/service-process';
import { httpStatus } from '../door/problem.js';
import { DOCTOR_CHECKS, GATEWAY_PARTS, type DoctorChecks, type GatewayParts } from '../gateway-parts.js';
import { Route } from '../rest/route.decorator.js';

/** How the installation is, and what its errors mean. */
@Controller()
export class ReferenceController {
  constructor(
    @Inject(DOCTOR_CHECKS) private readonly checks: DoctorChecks,
    @Inject(GATEWAY_PARTS) private readonly parts: GatewayParts,
  ) {}

  @Route(getDoctor)
  async doctor() {
    const { access, limits } = this.parts;
    const { shedder } = limits;
    const audit = { name: 'audit', ...(await findingOf(() => findReadModels(access.projections()))) };
    const load = { name: 'load', status: shedder.reasons.length === 0 ? 'ok' : 'warning', detail: shedder.describe() };
    return { checks: [...(await this.checks()), audit, load] };
  }

  @Route(getErrorCodes)
  errorCodes() {
    const codes = (Object.keys(ERROR_CODES) as ErrorCode[]).map((code) => ({ code, ...ERROR_CODES[code], http: httpStatus(code) }));
    return { codes };
  }
}
