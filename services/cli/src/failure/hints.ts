/** What to do next, by error code. */
const HINTS: Readonly<Record<string, string>> = {
  NOT_RUNNING: 'start the system with `tutti up`, or name a running one with --url or TUTTI_ADDRESS',
  UNREACHABLE: 'is it running, and is the address right? `tutti doctor` looks',
  UNAUTHENTICATED: 'give the token with --token or TUTTI_API_KEY; a local system keeps it in the file `token` of its data folder',
  ORIGIN_REFUSED: 'use the address that the server knows itself by, or add the name to its list of hosts',
  WORKFLOW_NOT_FOUND: '`tutti workflows` lists what is registered; `tutti workflows register <file>` adds one',
  RUN_NOT_FOUND: '`tutti runs` lists the runs',
  TASK_NOT_FOUND: '`tutti show <run> --tasks` lists the tasks',
  APPROVAL_NOT_FOUND: '`tutti approvals` lists what waits',
  AGENT_NOT_FOUND: '`tutti agents` lists the agents',
  DEAD_LETTER_NOT_FOUND: '`tutti dead-letters list` lists them; it may have been replayed or discarded',
  INPUT_INVALID: '`tutti workflows show <workflow>` shows the inputs it takes',
  DEFINITION_INVALID: '`tutti workflows validate <file>` checks again without registering',
  IDEMPOTENCY_CONFLICT: 'use another --idempotency-key, or leave it out',
  APPROVAL_DECIDED: '`tutti approvals show <approval>` says who decided and why',
  PAYLOAD_CHANGED: 'look at the new payload: `tutti approvals show <approval>`',
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
