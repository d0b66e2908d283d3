import type { Http } from './http.js';
import { answers } from './views.js';

const enc = encodeURIComponent;

export interface RunStart {
  readonly workflow: string;
  readonly workflowVersion: number;
  readonly inputs: unknown;
  readonly labels: Readonly<Record<string, string>>;
}

/** What the page changes. Each answers with the position of what was recorded. */
export const changes = {
  startRun: (http: Http, start: RunStart, idempotencyKey: string) =>
    http.call('POST', '/v1/runs', answers.started, { body: start, idempotencyKey }),
  cancelRun: (http: Http, id: string, reason: string) => onRun(http, id, 'cancel', { reason }),
  pauseRun: (http: Http, id: string, reason: string) => onRun(http, id, 'pause', { reason }),
  resumeRun: (http: Http, id: string, reason: string) => onRun(http, id, 'resume', { reason }),
  retryRun: (http: Http, id: string, reason: string, key: string) => onRun(http, id, 'retry', { reason }, key),
  skipStep: (http: Http, id: string, step: string, output: unknown, reason: string, key: string) =>
    onRun(http, id, `steps/${enc(step)}/skip`, { output, reason }, key),
  signalRun: (http: Http, id: string, name: string, payload: unknown, key: string) =>
    onRun(http, id, `signals/${enc(name)}`, { payload }, key),
  decide: (http: Http, id: string, approve: boolean, payloadHash: string, reason: string) =>
    http.call('POST', `/v1/approvals/${enc(id)}/${approve ? 'approve' : 'reject'}`, answers.change, { body: { payloadHash, reason } }),
  pauseAgent: (http: Http, name: string, reason: string) =>
    http.call('POST', `/v1/agents/${enc(name)}/pause`, answers.change, { body: { reason } }),
  resumeAgent: (http: Http, name: string, reason: string) =>
    http.call('POST', `/v1/agents/${enc(name)}/resume`, answers.change, { body: { reason } }),
  pauseSchedule: (http: Http, name: string, reason: string) =>
    http.call('POST', `/v1/schedules/${enc(name)}/pause`, answers.change, { body: { reason } }),
  resumeSchedule: (http: Http, name: string, reason: string) =>
    http.call('POST', `/v1/schedules/${enc(name)}/resume`, answers.change, { body: { reason } }),
};

function onRun(http: Http, id: string, what: string, body: object, idempotencyKey?: string) {
  const key = idempotencyKey === undefined ? {} : { idempotencyKey };
  return http.call('POST', `/v1/runs/${enc(id)}/${what}`, answers.change, { body, ...key });
}
