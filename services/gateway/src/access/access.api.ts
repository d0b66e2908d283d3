import { Inject, Injectable } from '@nestjs/common';
import type {
  AccessService,
  CreateKeyRequest,
  GetCallerRequest,
  GetKeyRequest,
  ListAuditRequest,
  ListKeysRequest,
  RevokeKeyRequest,
  RotateKeyRequest,
} from '@tutti/contracts';
import { GATEWAY_PARTS, type GatewayParts } from '../gateway-parts.js';
import { callerOf } from '../grpc/grpc-door.js';
import type { AccessCalls } from './access-calls.js';

export const ACCESS_SERVICE = Symbol('AccessService');

/** Access by gRPC: who calls is known by the request. */
@Injectable()
export class AccessApi implements AccessService {
  private readonly calls: AccessCalls;

  constructor(@Inject(GATEWAY_PARTS) { access }: GatewayParts) {
    this.calls = access.calls;
  }

  async getCaller(request: GetCallerRequest) {
    return { caller: this.calls.caller(callerOf(request)) };
  }

  createKey(request: CreateKeyRequest) {
    return this.calls.createKey(request, callerOf(request));
  }

  listKeys(request: ListKeysRequest) {
    return this.calls.listKeys(request);
  }

  getKey(request: GetKeyRequest) {
    return this.calls.getKey(request);
  }

  rotateKey(request: RotateKeyRequest) {
    return this.calls.rotateKey(request, callerOf(request));
  }

  revokeKey(request: RevokeKeyRequest) {
    return this.calls.revokeKey(request);
  }

  listAudit(request: ListAuditRequest) {
    return this.calls.listAudit(request);
  }
}
