/** What to do next, by error code. */
const HINTS: Readonly<Record<string, string>> = {
  NOT_RUNNING: 'start the system with `tutti up`, or name a running one with --url or TUTTI_ADDRESS',
  UNREACHABLE: 'is it running, and is the address right? `tutti doctor` looks',
  UNAUTHENTICATED:
    'log in with `tutti login`, or give a key by TUTTI_API_KEY; a local system keeps its token in the file `token` of its data folder',
  PERMISSION_DENIED: '`tutti whoami` says what you may do',
  ORIGIN_REFUSED: 'use the address that the server knows itself by, or add the name to its list of hosts',
  WORKFLOW_NOT_FOUND: '`tutti workflow list` lists what is registered; `tutti workflow register <file>` adds one',
  RUN_NOT_FOUND: '`tutti run list` lists the runs',
  TASK_NOT_FOUND: '`tutti run get <run> --tasks` lists the tasks',
  APPROVAL_NOT_FOUND: '`tutti approval list` lists what waits',
  AGENT_NOT_FOUND: '`tutti agent list` lists the agents',
  DEAD_LETTER_NOT_FOUND: '`tutti dead-letter list` lists them; it may have been replayed or discarded',
  SCHEDULE_NOT_FOUND: '`tutti schedule list` lists them',
  KEY_NOT_FOUND: '`tutti key list` lists them',
  KEY_EXISTS: 'take another name, or give that key a new secret: `tutti key rotate <key>`',
  INPUT_INVALID: '`tutti workflow get <workflow>` shows the inputs it takes',
  DEFINITION_INVALID: '`tutti workflow validate <file>` checks again without registering',
  IDEMPOTENCY_CONFLICT: 'use another --idempotency-key, or leave it out',
  APPROVAL_DECIDED: '`tutti approval get <approval>` says who decided and why',
  PAYLOAD_CHANGED: 'look at the new payload: `tutti approval get <approval>`',
  OVERLOADED: 'try again in a moment',
  TIMED_OUT: 'try again in a moment',
  SHUTTING_DOWN: 'try again in a moment',
  DISK_FULL: 'make room on the disk of the data folder',
  STORE_LOCKED: 'another process holds the data folder: use it, stop it, or name another folder with --data-dir',
  INTERNAL: 'TUTTI_DEBUG=1 shows where it happened',
};

export function hintFor(code: string): string | undefined {
  return HINTS[code];
}
