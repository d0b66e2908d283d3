import { Controller, Header, Inject } from '@nestjs/common';
import { getOpenApi } from '@tutti/rest-contract';
import { GATEWAY_PARTS, type GatewayParts } from '../gateway-parts.js';
import { Route } from '../rest/route.decorator.js';
import { openApiDocument } from './document.js';

@Controller()
export class OpenApiController {
  /** Made when it is asked for the first time: it does not change while the process lives. */
  private text: string | null = null;

  constructor(@Inject(GATEWAY_PARTS) private readonly parts: GatewayParts) {}

  @Route(getOpenApi)
  @Header('content-type', 'application/json; charset=utf-8')
  get(): string {
    return (this.text ??= JSON.stringify(openApiDocument(this.parts.version)));
  }
}
