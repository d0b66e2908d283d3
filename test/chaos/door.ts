import type { JsonObject, RecordedEvent } from '@tutti/kernel';
import { eventually, pause } from '../product/waiting.js';

const PATIENCE_MS = 30_000;
const TRY_AGAIN_MS = 500;

/** A user of the REST surface. */
export class Door {
  constructor(
    readonly url: string,
    private readonly token: string,
  ) {}

  /** The run's id, once the start of it is durable. */
  async startRun(workflow: string, inputs: JsonObject, key: string): Promise<string> {
    const { runId } = await this.ask<{ readonly runId: string }>('POST', '/v1/runs', { workflow, inputs }, { 'idempotency-key': key });
    return runId;
  }

  async run(id: string): Promise<{ readonly status: string; readonly outputs?: JsonObject }> {
    const { run } = await this.ask<{ readonly run: { readonly status: string; readonly outputs?: JsonObject } }>('GET', `/v1/runs/${id}`);
    return run;
  }

  /** Of all runs, or those with the status. */
  async runIds(status = ''): Promise<readonly string[]> {
    const ids: string[] = [];
    for (let token = ''; ;) {
      const page = await this.ask<{ readonly runs: readonly { readonly id: string }[]; readonly nextPageToken: string }>(
        'GET',
        `/v1/runs?pageSize=200${status === '' ? '' : `&status=${status}`}${token === '' ? '' : `&pageToken=${encodeURIComponent(token)}`}`,
      );
      ids.push(...page.runs.map(({ id }) => id));
      token = page.nextPageToken;
      if (token === '') return ids;
    }
  }

  async events(id: string): Promise<readonly RecordedEvent[]> {
    const all: RecordedEvent[] = [];
    for (let from: number | null = 0; from !== null;) {
      const page: { readonly events: readonly RecordedEvent[]; readonly nextRevision: number | null } = await this.ask(
        'GET',
        `/v1/runs/${id}/events?from=${from}&limit=1000`,
      );
      all.push(...page.events);
      from = page.nextRevision;
    }
    return all;
  }

  /** How the run ended. */
  async outcome(id: string, limitMs: number): Promise<string> {
    return eventually(`run ${id} has ended`, limitMs, async () => {
      const { status } = await this.run(id);
      return status === 'running' || status === 'pending' ? undefined : status;
    });
  }

  private async ask<T>(method: string, path: string, body?: JsonObject, headers: Readonly<Record<string, string>> = {}): Promise<T> {
    const response = await this.answer(method, path, body, headers);
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    return JSON.parse(text) as T;
  }

  /** A busy machine may have a question wait; it is asked again until then. */
  private async answer(method: string, path: string, body?: JsonObject, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    const ask = () => this.send(method, path, body, headers);
    // What is begun under a key is begun once, however often it is asked for.
    if (method !== 'GET' && headers['idempotency-key'] === undefined) return ask();
    return eventually(`${path} is not refused for load`, PATIENCE_MS, async () => {
      const response = await ask();
      if (response.status !== 429) return response;
      await pause(TRY_AGAIN_MS);
      return undefined;
    });
  }

  private send(method: string, path: string, body: JsonObject | undefined, headers: Readonly<Record<string, string>>): Promise<Response> {
    return fetch(`${this.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.token}`, ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      signal: AbortSignal.timeout(20_000),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }
}
