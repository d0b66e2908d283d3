import { Agent, request } from 'node:http';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { closed, type ApiDocument, type Operation } from './api-document.js';
import type { GeneratedRequest } from './generated-requests.js';

const LIMIT_MS = 20_000;
const FIRST_FAULT = 500;
const NO_BODY = [101, 204, 304];

export interface ReceivedAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
}

/** Judges answers by the document; strictly, so that a member that it does not name is a fault. */
export class AnswerJudge {
  private readonly ajv = new Ajv2020({ strict: false, allErrors: false, validateSchema: false });
  private readonly validators = new Map<string, ValidateFunction>();

  constructor(document: ApiDocument) {
    addFormats.default(this.ajv);
    this.ajv.addSchema(closed(document), 'api');
  }

  /** What is wrong with the answer; null when nothing is. */
  faultOf(operation: Operation, { status, contentType, headers, text }: ReceivedAnswer): string | null {
    const response = operation.responses[String(status)];
    if (status >= FIRST_FAULT && !(status === 503 && contentType === 'application/json'))
      return `answered ${status}: ${text.slice(0, 300)}`;
    if (response === undefined) return `answered ${status}, which the document does not have: ${text.slice(0, 300)}`;
    if (headers['tutti-request-id'] === undefined) return `answered ${status} without Tutti-Request-Id`;
    if (response.content === undefined || NO_BODY.includes(status))
      return text === '' ? null : `answered ${status} with a body: ${text.slice(0, 300)}`;
    if (response.content[contentType] === undefined) return `answered ${status} as ${contentType}: ${text.slice(0, 300)}`;
    if (contentType === 'text/event-stream') return null;
    const validate = this.validatorOf(operation, status, contentType, response);
    const value = JSON.parse(text) as { readonly status?: unknown };
    if (contentType === 'application/problem+json' && value.status !== status)
      return `answered ${status} with a problem of ${String(value.status)}`;
    return validate(value)
      ? null
      : `answered ${status} with what the document does not have: ${this.ajv.errorsText(validate.errors)}: ${text.slice(0, 600)}`;
  }

  private validatorOf(operation: Operation, status: number, contentType: string, response: object): ValidateFunction {
    const key = `${operation.operationId} ${status} ${contentType}`;
    const found = this.validators.get(key);
    if (found !== undefined) return found;
    const { schema } = (response as { content: Record<string, { schema: object }> }).content[contentType] as { schema: object };
    const made = this.ajv.compile(absolute(closed(schema)));
    this.validators.set(key, made);
    return made;
  }
}

/** Ends what it opened when it is told to. */
export class Sender {
  private readonly connections = new Agent({ keepAlive: true, maxSockets: 16 });

  constructor(
    private readonly url: string,
    private readonly token: string,
  ) {}

  send({ operation, path, headers, body }: GeneratedRequest): Promise<ReceivedAnswer> {
    const { hostname, port } = new URL(this.url);
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const carried = { authorization: `Bearer ${this.token}`, ...length, ...headers };
    return new Promise((resolve, reject) => {
      const sent = request({
        hostname,
        port,
        path,
        method: operation.method,
        headers: carried,
        agent: this.connections,
        timeout: LIMIT_MS,
      });
      sent.on('timeout', () => sent.destroy(new Error(`${operation.method} ${path} was not answered within ${LIMIT_MS} ms`)));
      sent.on('error', reject);
      sent.on('response', (response) => {
        const contentType = (response.headers['content-type'] ?? '').split(';')[0] ?? '';
        const answer = { status: response.statusCode ?? 0, contentType, headers: response.headers };
        if (contentType === 'text/event-stream') {
          // It may never end.
          sent.destroy();
          resolve({ ...answer, text: '' });
          return;
        }
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => resolve({ ...answer, text: Buffer.concat(chunks).toString() }));
      });
      sent.end(body);
    });
  }

  close(): void {
    this.connections.destroy();
  }
}

/** References into the document from outside of it. */
function absolute(value: unknown): object {
  return JSON.parse(JSON.stringify(value).replaceAll('"$ref":"#/', '"$ref":"api#/')) as object;
}
