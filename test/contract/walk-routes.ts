import fc from 'fast-check';
import { operationsOf, type ApiDocument, type Operation } from './api-document.js';
import { AnswerJudge, Sender } from './answers.js';
import { badRequests, goodRequests, type GeneratedRequest, type KnownValues } from './generated-requests.js';

interface Walk {
  readonly url: string;
  readonly token: string;
  readonly seed: number;
  readonly good: number;
  readonly bad: number;
  /** What is there; nothing when left out. */
  readonly known?: KnownValues;
  readonly document: ApiDocument;
}

interface Walked {
  /** At most the first ten, each with its request. */
  readonly faults: readonly string[];
  readonly sent: number;
  /** Statuses of each operation, by how often. */
  readonly statuses: ReadonlyMap<string, ReadonlyMap<number, number>>;
}

const MOST_FAULTS = 40;
const KIND_LENGTH = 60;
const AT_ONCE = 8;

/** Sends every operation of the document generated requests, good and bad, and judges every answer by the document. */
export async function walkRoutes({ url, token, seed, good, bad, known = () => [], document }: Walk): Promise<Walked> {
  const judge = new AnswerJudge(document);
  const sender = new Sender(url, token);
  /** One request of each kind of fault. */
  const faults = new Map<string, string>();
  const statuses = new Map<string, Map<number, number>>();
  const note = async (request: GeneratedRequest): Promise<void> => {
    const { operation } = request;
    const answer = await sender.send(request);
    const counts = statuses.get(operation.operationId) ?? new Map<number, number>();
    statuses.set(operation.operationId, counts.set(answer.status, (counts.get(answer.status) ?? 0) + 1));
    const fault = judge.faultOf(operation, answer);
    if (fault === null) return;
    const sent = `${operation.method} ${request.path.slice(0, 200)} ${JSON.stringify(request.headers).slice(0, 200)} ${request.body?.slice(0, 300) ?? ''}`;
    faults.set(`${operation.operationId} ${fault.slice(0, KIND_LENGTH)}`, `${sent}\n  ${fault}`);
  };
  const queue = operationsOf(document).flatMap((operation: Operation, index) => [
    ...fc.sample(goodRequests(document, operation, known), { numRuns: good, seed: seed + index }),
    ...fc.sample(badRequests(document, operation, known), { numRuns: bad, seed: seed + index }),
  ]);
  const sent = queue.length;
  const worker = async (): Promise<void> => {
    for (let request = queue.shift(); request !== undefined; request = queue.shift()) await note(request);
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  } finally {
    sender.close();
  }
  return { faults: [...faults.values()].slice(0, MOST_FAULTS), sent, statuses };
}

/** Operations of which no generated request was taken. */
export function neverTaken({ statuses }: Walked): readonly string[] {
  return [...statuses].filter(([, counts]) => ![...counts.keys()].some((status) => status < 400)).map(([id]) => id);
}
