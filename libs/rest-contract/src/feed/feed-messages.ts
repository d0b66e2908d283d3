import { z } from 'zod';
import { idempotencyKey, nameText, startHeaders } from '../request-values.js';
import { approve, reject } from '../routes/approvals.routes.js';
import { queryRun, signalRun } from '../routes/run-interaction.routes.js';
import { cancelRun, pauseRun, resumeRun, startRun } from '../routes/runs.routes.js';
import { eventView } from '../views/event-views.js';
import { eventSelection } from './event-selection.js';

const MAX_NAME = 100;

/** Chosen by the client; names one subscription on its socket. */
const id = nameText.max(MAX_NAME);
/** Chosen by the client; the answer to the command carries it. One command at a time has it on a socket. */
const ref = nameText.max(MAX_NAME);

const everyCommand = {
  ref,
  /** As the header Tutti-Actor; the socket's own when left out. */
  actor: z
    .string()
    .regex(/^(?:demo|[a-z]+:[\w.@-]{1,100})$/, 'expected a kind and a name like "user:ann", or "demo"')
    .optional()
    .meta({ description: 'Who does it, where the credential may act as others' }),
};
const ofRun = { ...everyCommand, runId: nameText };
const ofApproval = { ...everyCommand, approvalId: nameText };
/** What REST has in headers. */
const repeatable = { idempotencyKey: idempotencyKey.default(''), traceparent: startHeaders.shape.traceparent };

/** The route that does the same by REST: it says who may, and what the command's members may be. */
export const FEED_COMMANDS = {
  start: startRun,
  signal: signalRun,
  query: queryRun,
  pause: pauseRun,
  resume: resumeRun,
  cancel: cancelRun,
  approve,
  reject,
} as const;
export type FeedCommandType = keyof typeof FEED_COMMANDS;

export const feedCommand = z.discriminatedUnion('type', [
  startRun.body.extend({ type: z.literal('start'), ...everyCommand, ...repeatable }),
  signalRun.body.extend({ type: z.literal('signal'), ...ofRun, ...repeatable, name: nameText }),
  queryRun.body.extend({ type: z.literal('query'), ...ofRun, name: nameText }),
  pauseRun.body.extend({ type: z.literal('pause'), ...ofRun }),
  resumeRun.body.extend({ type: z.literal('resume'), ...ofRun }),
  cancelRun.body.extend({ type: z.literal('cancel'), ...ofRun }),
  approve.body.extend({ type: z.literal('approve'), ...ofApproval }),
  reject.body.extend({ type: z.literal('reject'), ...ofApproval }),
]);
export type FeedCommand = z.output<typeof feedCommand>;

const subscribe = z.strictObject({
  type: z.literal('subscribe'),
  id,
  after: z
    .union([z.literal('head'), z.int().min(-1)])
    .meta({ description: 'Events after this position; -1 for all, "head" for none but those to come' }),
  ...eventSelection,
});
export type SubscribeMessage = z.output<typeof subscribe>;

/** What a client says. */
export const feedRequest = z.discriminatedUnion('type', [
  subscribe,
  z.strictObject({ type: z.literal('unsubscribe'), id }),
  z.strictObject({ type: z.literal('ping') }),
  ...feedCommand.options,
]);
export type FeedRequest = z.output<typeof feedRequest>;

/** RFC 9457, as REST answers it. */
const problem = z.looseObject({ code: z.string(), status: z.int(), title: z.string(), detail: z.string(), retryable: z.boolean() });

/** What the server says. A newer one may say more: what is not known is passed over. */
export const feedMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('event'), id: z.string(), event: eventView }),
  z.object({ type: z.literal('caught-up'), id: z.string(), position: z.int() }),
  z.object({ type: z.literal('done'), ref: z.string(), result: z.record(z.string(), z.unknown()) }),
  /** With `id` for a subscription that is over by it, with `ref` for a command that was not done, with neither for a message that could not be read. */
  z.object({ type: z.literal('error'), id: z.string().optional(), ref: z.string().optional(), problem }),
  z.object({ type: z.literal('pong') }),
]);
export type FeedMessage = z.output<typeof feedMessage>;

/** JSON Schema 2020-12 of what a client and what the server says. */
export function feedJsonSchemas(): { readonly request: object; readonly message: object } {
  return { request: schemaOf(feedRequest), message: schemaOf(feedMessage) };
}

/** `override` in a schema's meta says what JSON Schema cannot be made of: a check by a function. */
function schemaOf(message: z.ZodType): object {
  return z.toJSONSchema(message, {
    io: 'input',
    unrepresentable: 'any',
    override({ jsonSchema }) {
      const { override } = jsonSchema;
      delete jsonSchema.override;
      Object.assign(jsonSchema, override);
    },
  });
}
