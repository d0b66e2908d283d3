import { GATEWAY_AUDIENCE, type ServiceTokens } from '@tutti/service-kit';

/** As little as an agent needs to look around. One that needs more is given an API key of its own. */
const PERMISSIONS = ['runs:read'];

/** Tokens by which agents call the gateway in their own name. */
export class ApiTokens {
  constructor(private readonly tokens: Pick<ServiceTokens, 'issue'>) {}

  issueTo(agent: string): Promise<string> {
    return this.tokens.issue({ audience: GATEWAY_AUDIENCE, actor: `agent:${agent}`, permissions: PERMISSIONS });
  }
}
