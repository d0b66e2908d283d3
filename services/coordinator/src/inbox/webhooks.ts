import { isJsonObject, TuttiError, type JsonValue, type Runtime } from '@tutti/kernel';
import type { Logger } from '@tutti/service-kit';
import type { Inbox } from './inbox.js';
import { isReservedType } from './reserved.js';
import { checkSignature, type SignedMessage } from './webhook-signature.js';

interface WebhooksParts {
  readonly inbox: Inbox;
  /** Names of the secrets that a webhook's messages may be signed with; empty when no workflow has it. */
  readonly secretsOf: (hook: string) => readonly string[];
  /** Keys by the secret's name; a message may be signed with any of a name's. */
  readonly secrets: Readonly<Record<string, readonly Uint8Array[]>>;
  readonly runtime: Pick<Runtime, 'clock'>;
  readonly logger: Logger;
}

/** Type of a message that names none of its own. */
export const WEBHOOK_TYPE = 'webhook.received';
const TYPE_PATTERN = /^[\w.:/-]{1,200}$/;
const MAX_ID = 300;

/** Source of a webhook’s messages. One that has a secret by another name is told apart: who knows one secret cannot speak for the other. */
export function webhookSource(hook: string, secret: string): string {
  return secret === hook ? `/hooks/${hook}` : `/hooks/${hook}:${secret}`;
}

/** Messages signed by Standard Webhooks. Nothing is recorded of one that is not. */
export class Webhooks {
  constructor(private readonly parts: WebhooksParts) {}

  /**
   * @returns its position in the store; that of the first for a message that comes again
   * @throws TuttiError HOOK_NOT_FOUND · UNAUTHENTICATED · INVALID_REQUEST for a body that is not JSON · what the inbox throws
   */
  async receive(hook: string, message: SignedMessage, traceparent: string | null): Promise<number> {
    const secret = this.secretOf(hook, message);
    const data = parseBody(message.body);
    const own = isJsonObject(data) ? data['type'] : undefined;
    const type = typeof own === 'string' && TYPE_PATTERN.test(own) && !isReservedType(own) ? own : WEBHOOK_TYPE;
    if (message.id.length > MAX_ID)
      throw new TuttiError('INVALID_REQUEST', `webhook-id of ${message.id.length} characters; at most ${MAX_ID} are taken`);
    const source = webhookSource(hook, secret);
    const event = { source, id: message.id, type, subject: null, time: null, dataContentType: 'application/json', data };
    return this.parts.inbox.receive(event, { from: 'webhook', actor: `service:hook.${hook}`, traceparent });
  }

  /** The secret that it is signed with. */
  private secretOf(hook: string, message: SignedMessage): string {
    const { secretsOf, secrets, runtime, logger } = this.parts;
    const names = secretsOf(hook);
    if (names.length === 0) throw new TuttiError('HOOK_NOT_FOUND', `no workflow has a webhook "${hook}"`);
    let refusal = new TuttiError('UNAUTHENTICATED', `webhook "${hook}" takes nothing: its secret is not configured`);
    for (const name of names) {
      const keys = Object.hasOwn(secrets, name) ? (secrets[name] ?? []) : [];
      if (keys.length === 0)
        logger.warn('a webhook’s secret is not configured', { hook, expected: `coordinator.triggers.webhooks.${name}` });
      for (const key of keys) {
        try {
          checkSignature(message, key, runtime.clock.now());
          return name;
        } catch (error) {
          refusal = error as TuttiError;
        }
      }
    }
    throw refusal;
  }
}

function parseBody(body: string): JsonValue {
  try {
    return JSON.parse(body) as JsonValue;
  } catch (cause) {
    throw new TuttiError('INVALID_REQUEST', 'the webhook’s body is not JSON', { cause });
  }
}
