import type { Gateway } from '../gateway.js';

/** What a gateway leans on, each there or away. It is ready while all of them are there. */
export class Readiness {
  private readonly away = new Set<string>();
  private readonly whenReady: (() => void)[] = [];

  constructor(
    private readonly gateway: Pick<Gateway, 'markReady' | 'markDegraded'>,
    names: readonly string[],
  ) {
    for (const name of names) this.away.add(name);
    this.tell();
  }

  set(name: string, isThere: boolean): void {
    if (isThere === !this.away.has(name)) return;
    if (isThere) this.away.delete(name);
    else this.away.add(name);
    this.tell();
  }

  /** Resolves the first time that everything is there. */
  async ready(): Promise<void> {
    if (this.away.size > 0) await new Promise<void>((resolve) => this.whenReady.push(resolve));
  }

  private tell(): void {
    if (this.away.size > 0) return this.gateway.markDegraded(`waiting for ${[...this.away].join(', ')}`);
    this.gateway.markReady();
    for (const resolve of this.whenReady.splice(0)) resolve();
  }
}
