import type { NotifyOn } from '@tutti/contracts';
import { isJsonObject, type JsonObject } from '@tutti/kernel';

/** What is said of an event, before it is known who is told. */
export interface Told {
  readonly title: string;
  readonly text: string;
  readonly step: string | null;
  readonly approvalId: string | null;
  readonly gate: string | null;
}

interface Teller {
  /** Put before the title where there is one line only. */
  readonly heading: string;
  readonly tell: (data: JsonObject, workflow: string) => Told;
}

const MAX_TITLE = 500;
const MAX_TEXT = 2_000;

/** One entry for each word of `NOTIFIABLE_EVENTS`. Events are read by what they hold, so that one that comes to hold more needs no change here. */
const TELLERS: Readonly<Record<NotifyOn, Teller>> = {
  'approval.requested': { heading: 'Approval needed', tell: (data, workflow) => approval(data, workflow, 'waits for a decision') },
  'approval.delegated': {
    heading: 'Approval handed to you',
    tell: (data, workflow) => approval(data, workflow, 'waits for your decision'),
  },
  'approval.escalated': {
    heading: 'Approval still waits',
    tell: (data, workflow) => approval(data, workflow, 'still waits for a decision'),
  },
  'approval.expired': { heading: 'Approval expired', tell: (data, workflow) => approval(data, workflow, 'was not decided in time') },
  'run.succeeded': { heading: 'Run succeeded', tell: (_, workflow) => run(`${workflow} succeeded`, '') },
  'run.failed': {
    heading: 'Run failed',
    tell: ({ error, step }, workflow) => {
      const { code, message } = isJsonObject(error) ? error : {};
      const cause = `${text(code)}: ${text(message)}`;
      return { ...run(`${workflow} failed`, cause), step: typeof step === 'string' ? step : null };
    },
  },
  'run.cancelled': {
    heading: 'Run cancelled',
    tell: ({ cancelledBy, reason }, workflow) =>
      run(`${workflow} was cancelled`, `by ${text(cancelledBy)}${text(reason) === '' ? '' : `: ${text(reason)}`}`),
  },
};

export function tellOf(on: NotifyOn, data: JsonObject, workflow: string): Told {
  const told = TELLERS[on].tell(data, workflow);
  return { ...told, title: line(told.title), text: told.text.slice(0, MAX_TEXT).toWellFormed() };
}

/** @param on also `test` */
export function headingOf(on: string): string {
  return Object.hasOwn(TELLERS, on) ? TELLERS[on as NotifyOn].heading : 'Test';
}

function approval(data: JsonObject, workflow: string, state: string): Told {
  const step = text(data['step']);
  const title = text(data['title']);
  const where = step === '' ? workflow : `step ${step} of ${workflow}`;
  return {
    title: title === '' ? `${where} ${state}` : title,
    text: `${where} ${state}.`,
    step: step === '' ? null : step,
    approvalId: text(data['approvalId']) === '' ? null : text(data['approvalId']),
    gate: text(data['gate']) === '' ? null : text(data['gate']),
  };
}

function run(title: string, particulars: string): Told {
  return { title, text: particulars, step: null, approvalId: null, gate: null };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** In one line and of a bounded length: titles come from definitions and from agents' outputs. */
function line(title: string): string {
  return title
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .slice(0, MAX_TITLE)
    .toWellFormed();
}
