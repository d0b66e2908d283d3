import type { Standalone } from '../product/standalone-process.js';

/** Latencies below this are one and the same: the machine's own noise. */
const FLOOR_MS = 20;
const BETWEEN_MS = 5;

export interface Watched {
  readonly answered: number;
  readonly refused: number;
  readonly p95Ms: number;
}

/** Somebody who goes on reading and deciding while others misbehave. Asks one thing after the other until it is stopped. */
export class Bystander {
  private readonly times: number[] = [];
  private refused = 0;
  private over = false;
  private readonly ended: Promise<void>;

  constructor(private readonly system: Standalone) {
    this.ended = this.goOn();
  }

  async stop(): Promise<Watched> {
    this.over = true;
    await this.ended;
    const sorted = [...this.times].sort((one, other) => one - other);
    return { answered: sorted.length, refused: this.refused, p95Ms: sorted[Math.floor(sorted.length * 0.95)] ?? Infinity };
  }

  private async goOn(): Promise<void> {
    while (!this.over) {
      const begun = performance.now();
      const { status } = await this.system.call('GET', '/v1/runs?pageSize=1');
      this.times.push(performance.now() - begun);
      if (status !== 200) this.refused += 1;
      await new Promise((resolve) => setTimeout(resolve, BETWEEN_MS));
    }
  }
}

export async function watchFor(system: Standalone, ms: number): Promise<Watched> {
  const bystander = new Bystander(system);
  await new Promise((resolve) => setTimeout(resolve, ms));
  return bystander.stop();
}

/** How many times longer the bystander waited. Printed: on a busy machine it says more about the machine than about the gateway, so nothing is asserted by it. */
export function printRatio(what: string, before: Watched, during: Watched): void {
  const ratio = Math.max(during.p95Ms, FLOOR_MS) / Math.max(before.p95Ms, FLOOR_MS);
  const text = `${what}: bystander p95 ${before.p95Ms.toFixed(1)} ms before, ${during.p95Ms.toFixed(1)} ms during, ratio ${ratio.toFixed(2)} (floor ${FLOOR_MS} ms)`;
  process.stdout.write(`${text}\n`);
}
