import { isErrorCode, toTuttiError, TuttiError, type JsonValue } from '@tutti/kernel';
import { agentProfile } from '../events/agent-events.js';
import type { StoredValue } from '../events/shared-schemas.js';
import type {
  AnnounceCall,
  AttemptKey,
  ChannelFailure,
  ChannelValue,
  ClaimCallAnswer,
  OwnerAnswer,
  ReportCall,
  WorkerCall,
} from '../generated/tutti/v1/workers.js';
import type { AttemptOutcome, AttemptRef, ClaimAnswer, TaskChannel, WorkerAnnouncement } from './task-channel.js';

/** A call on the wire but for its correlation. */
export type ChannelCall = Omit<WorkerCall, 'correlation'>;
/** An answer on the wire but for its correlation. */
export type ChannelAnswer = Omit<OwnerAnswer, 'correlation'>;

export function announceCall({ pool, agents, holding, draining }: WorkerAnnouncement): ChannelCall {
  const profilesJson = agents.map((agent) => JSON.stringify(agent));
  return { announce: { pool, profilesJson, holding, draining: draining ?? false } };
}

export function reportCall(attempt: AttemptRef, outcome: AttemptOutcome): ChannelCall {
  const { durationMs } = outcome;
  if (outcome.outcome === 'succeeded') return { report: { attempt, durationMs, output: valueToWire(outcome.output) } };
  return { report: { attempt, durationMs, failure: failureToWire(outcome.error) } };
}

/** What the owner says to a claim. @throws TuttiError INTERNAL for an answer that makes no sense */
export function claimAnswer(answer: ClaimCallAnswer): ClaimAnswer {
  const { verdict, input, feedback, deadlineAt, heartbeatMs, journalFrom } = answer;
  if (verdict === 'done' || verdict === 'superseded' || verdict === 'elsewhere') return { verdict };
  if (verdict !== 'go' || input === undefined) throw new TuttiError('INTERNAL', `the owner answered a claim with "${verdict}"`);
  return {
    verdict,
    input: valueFromWire(input),
    feedback: feedback.map(({ gate, message, evidenceJson }) =>
      evidenceJson === undefined ? { gate, message } : { gate, message, evidence: JSON.parse(evidenceJson) as JsonValue },
    ),
    deadlineAt: deadlineAt ?? null,
    ...(heartbeatMs === undefined ? {} : { heartbeatMs }),
    ...(journalFrom === undefined ? {} : { journalFrom }),
  };
}

/** The error that the other side threw. */
export function failureFromWire({ code, message, detailsJson, retryable }: ChannelFailure): TuttiError {
  const details = detailsJson === undefined ? {} : { details: JSON.parse(detailsJson) as JsonValue };
  return new TuttiError(isErrorCode(code) ? code : 'INTERNAL', message, { retryable, ...details });
}

/** Carries out a call of a worker. Never rejects: what is thrown is an answer. */
export async function answerCall(channel: TaskChannel, worker: string, call: ChannelCall): Promise<ChannelAnswer> {
  try {
    return await carryOut(channel, worker, call);
  } catch (thrown) {
    return { failure: failureToWire(toTuttiError(thrown)) };
  }
}

async function carryOut(channel: TaskChannel, worker: string, call: ChannelCall): Promise<ChannelAnswer> {
  const { announce, beat, drain, depart, claim, report } = call;
  if (announce !== undefined) return { announce: await channel.announce(announcementOf(worker, announce)) };
  if (beat !== undefined) return { beat: await channel.beat(worker, { silent: beat.silent }) };
  if (claim !== undefined) return { claim: claimToWire(await channel.claim(worker, attemptOf(claim.attempt))) };
  if (report !== undefined) await channel.report(worker, attemptOf(report.attempt), outcomeOf(report));
  else if (drain !== undefined) await channel.drain(worker);
  else if (depart !== undefined) await channel.depart(worker);
  else throw new TuttiError('INVALID_REQUEST', `a call of worker ${worker} names nothing that is to be done`);
  return { done: {} };
}

function announcementOf(worker: string, { pool, profilesJson, holding, draining }: AnnounceCall): WorkerAnnouncement {
  const agents = profilesJson.map((text) => {
    const parsed = agentProfile.safeParse(JSON.parse(text));
    if (parsed.success) return parsed.data;
    throw new TuttiError('INVALID_REQUEST', `worker ${worker} announced an agent whose profile is none: ${parsed.error.message}`);
  });
  return { worker, pool, agents, holding, draining };
}

function attemptOf(attempt: AttemptKey | undefined): AttemptRef {
  if (attempt === undefined) throw new TuttiError('INVALID_REQUEST', 'expected the attempt that the call is about');
  return attempt;
}

function outcomeOf({ durationMs, output, failure }: ReportCall): AttemptOutcome {
  if (output !== undefined) return { outcome: 'succeeded', output: valueFromWire(output), durationMs };
  if (failure === undefined) throw new TuttiError('INVALID_REQUEST', 'expected an output or a failure');
  const { code, message, detailsJson, retryable } = failure;
  const details = detailsJson === undefined ? {} : { details: JSON.parse(detailsJson) as JsonValue };
  return { outcome: 'failed', error: { code, message, retryable, ...details }, durationMs };
}

function claimToWire(answer: ClaimAnswer): ClaimCallAnswer {
  if (answer.verdict !== 'go') return { verdict: answer.verdict, feedback: [] };
  const { verdict, input, feedback, deadlineAt, heartbeatMs, journalFrom } = answer;
  return {
    ...{ verdict, input: valueToWire(input), deadlineAt: deadlineAt ?? undefined, heartbeatMs, journalFrom },
    feedback: feedback.map(({ gate, message, evidence }) => ({
      ...{ gate, message },
      evidenceJson: evidence === undefined ? undefined : JSON.stringify(evidence),
    })),
  };
}

function failureToWire(error: {
  readonly code: string;
  readonly message: string;
  readonly details?: JsonValue | undefined;
  readonly retryable: boolean;
}): ChannelFailure {
  const { code, message, details, retryable } = error;
  return { code, message, retryable, detailsJson: details === undefined ? undefined : JSON.stringify(details) };
}

function valueToWire(value: StoredValue): ChannelValue {
  return 'inline' in value ? { inlineJson: JSON.stringify(value.inline) } : { blob: { hash: value.blob, bytes: value.bytes } };
}

function valueFromWire({ inlineJson, blob }: ChannelValue): StoredValue {
  if (blob !== undefined) return { blob: blob.hash, bytes: blob.bytes };
  if (inlineJson === undefined) throw new TuttiError('INVALID_REQUEST', 'expected a value, inline or in a blob');
  return { inline: JSON.parse(inlineJson) as JsonValue };
}
