import { Controller, Get, Inject } from '@nestjs/common';
import { ERROR_CODES, type ErrorCode } from '@tutti/kernel';
import { httpStatus } from '../door/problem.js';
import { DOCTOR_CHECKS, type DoctorChecks } from '../gateway-parts.js';

/** How the installation is, and what its errors mean. */
@Controller('v1')
export class ReferenceController {
  constructor(@Inject(DOCTOR_CHECKS) private readonly checks: DoctorChecks) {}

  @Get('doctor')
  async doctor() {
    return { checks: await this.checks() };
  }

  @Get('error-codes')
  errorCodes() {
    const codes = (Object.keys(ERROR_CODES) as ErrorCode[]).map((code) => ({ code, ...ERROR_CODES[code], http: httpStatus(code) }));
    return { codes };
  }
}
