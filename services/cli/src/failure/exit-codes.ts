import { ERROR_CODES, isErrorCode, TRANSPORT_STATUS, type ErrorKind } from '@tutti/kernel';

/** What the program ends with. Scripts depend on the numbers: none ever changes its meaning. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  notRunning: 3,
  notFound: 4,
  invalid: 5,
  conflict: 6,
  forbidden: 7,
  timedOut: 8,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_CODE_TABLE: readonly { readonly code: ExitCode; readonly meaning: string }[] = [
  { code: EXIT.ok, meaning: 'fine' },
  { code: EXIT.failed, meaning: 'the run failed, was cancelled or was rejected at a gate; a check failed; or an unexpected fault' },
  { code: EXIT.usage, meaning: 'the command line is not one that the command takes' },
  { code: EXIT.notRunning, meaning: 'nothing is running, or it cannot be reached' },
  { code: EXIT.notFound, meaning: 'there is no such workflow, run, task, approval, agent, key or profile' },
  { code: EXIT.invalid, meaning: 'the input or the definition is not valid' },
  { code: EXIT.conflict, meaning: 'somebody was first, or it is too late: a run that has ended, an approval that is decided' },
  { code: EXIT.forbidden, meaning: 'the key is missing, not known, or may not do this; or others may read the file that holds it' },
  { code: EXIT.timedOut, meaning: 'it took longer than its limit, or the system is overloaded: try again later' },
  { code: EXIT.interrupted, meaning: 'interrupted with Ctrl-C or a signal, or the question was answered with no' },
];

const BY_KIND: Readonly<Record<ErrorKind, ExitCode>> = {
  invalid: EXIT.invalid,
  unauthenticated: EXIT.forbidden,
  forbidden: EXIT.forbidden,
  'not-found': EXIT.notFound,
  conflict: EXIT.conflict,
  'failed-precondition': EXIT.conflict,
  'too-large': EXIT.invalid,
  unsupported: EXIT.invalid,
  exhausted: EXIT.timedOut,
  cancelled: EXIT.conflict,
  timeout: EXIT.timedOut,
  unavailable: EXIT.notRunning,
  internal: EXIT.failed,
};

/** Exit code for an answer of the server. A code that this version does not know yet goes by its HTTP status. */
export function exitCodeFor(code: string, httpStatus: number): ExitCode {
  if (isErrorCode(code)) return BY_KIND[ERROR_CODES[code].kind];
  for (const [kind, { http }] of Object.entries(TRANSPORT_STATUS)) {
    if (http === httpStatus) return BY_KIND[kind as ErrorKind];
  }
  return EXIT.failed;
}
