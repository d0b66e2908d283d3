import type { Standalone } from '../../product/standalone-process.js';
import { pause } from '../../product/waiting.js';

const AT_ONCE = 8;
/** A machine that does other work sheds new work first. */
const TOO_MUCH = 429;
const RETRY_MS = 200;
const PAGE = 1_000;

const NAME = 'notes';

/** A workflow whose steps take no time, one after the other. */
export async function registerNotes(tutti: Standalone, steps: number): Promise<void> {
  const note = (index: number): object => ({
    set: { note: index === 0 ? '${{ inputs.text }}' : 'noted' },
    ...(index === 0 ? {} : { needs: [`note-${index - 1}`] }),
  });
  const definition = { name: NAME, steps: Object.fromEntries(Array.from({ length: steps }, (_, index) => [`note-${index}`, note(index)])) };
  const { status, text } = await tutti.call('POST', '/v1/workflows', { body: definition });
  if (status >= 300) throw new Error(`the workflow was answered ${status}: ${text}`);
}

/** Starts so many runs of it, a few at once. */
export async function startNotes(tutti: Standalone, runs: number, text: string): Promise<void> {
  let left = runs;
  const lane = async (): Promise<void> => {
    while (left-- > 0) {
      for (;;) {
        const { status, text: answer } = await tutti.call('POST', '/v1/runs', { body: { workflow: NAME, inputs: { text } } });
        if (status < 300) break;
        if (status !== TOO_MUCH) throw new Error(`a start was answered ${status}: ${answer}`);
        await pause(RETRY_MS);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}

/** Positions of the recorded events of the types behind a position, by pages of REST. */
export async function recordedPositions(tutti: Standalone, after: number, types: readonly string[]): Promise<readonly number[]> {
  const positions: number[] = [];
  const query = types.map((type) => `type=${type}`).join('&');
  for (let from = after; ;) {
    const { json } = await tutti.call('GET', `/v1/events?after=${from}&limit=${PAGE}&${query}`);
    const page = json['events'] as readonly { readonly position: number }[];
    positions.push(...page.map(({ position }) => position));
    from = json['nextAfter'] as number;
    if (page.length === 0) return positions;
  }
}

/** Position of the newest event. */
export async function headOf(tutti: Standalone): Promise<number> {
  const { json } = await tutti.call('GET', '/v1/events?after=-1&limit=1&type=NobodyHasThisType');
  return json['nextAfter'] as number;
}
