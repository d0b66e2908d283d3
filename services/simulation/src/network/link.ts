import { TuttiError } from '@tutti/kernel';
import { asError } from '../world/as-error.js';
import type { Chance } from '../world/chance.js';
import type { Life } from '../world/life.js';
import type { Scheduler } from '../world/scheduler.js';

/** How badly calls between processes travel now. */
export interface LinkCondition {
  /** Part of the calls that fail: half of them before they took effect, half after. */
  loss: number;
  /** Longest way of a call or an answer. */
  delayMs: number;
}

/** What can be called: a process that comes and goes. */
export interface Callee {
  readonly name: string;
  /** Null while it is down, or not ready to be called. */
  readonly life: Life | null;
}

/** Calls from one process to another, which may get lost on the way there or back. */
export class Link {
  readonly condition: LinkCondition = { loss: 0, delayMs: 2 };
  private readonly open = new Map<Life, Set<() => void>>();

  constructor(
    private readonly scheduler: Scheduler,
    private readonly chance: Chance,
  ) {}

  /** @throws TuttiError SHUTTING_DOWN when it did not get through, or nobody knows whether it did */
  call<Answer>(from: Life, to: Callee, work: () => Promise<Answer>): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (!from.call()) return;
      const { chance } = this;
      const fail = (why: string): void => void from.schedule(chance.between(1, 2_000), () => reject(unreachable(to.name, why)));
      if (chance.happens(this.condition.loss / 2)) return fail('the call was lost');
      this.scheduler.after(this.way(), () => {
        const { life } = to;
        if (life?.alive !== true) return fail('nobody listens');
        const broken = (): void => fail('the connection broke');
        this.connections(life).add(broken);
        const answered = (settle: () => void): void => {
          if (!this.connections(life).delete(broken)) return;
          if (!life.call()) fail('the connection broke');
          else if (chance.happens(this.condition.loss / 2)) fail('the answer was lost');
          else from.schedule(this.way(), settle);
        };
        life.deliver(() => {
          work().then(
            (answer) => answered(() => resolve(answer)),
            (error: unknown) => answered(() => reject(asError(error))),
          );
        });
      });
    });
  }

  lifeEnded(life: Life): void {
    const broken = this.open.get(life);
    this.open.delete(life);
    for (const tell of broken ?? []) tell();
  }

  private connections(life: Life): Set<() => void> {
    let open = this.open.get(life);
    if (open === undefined) {
      open = new Set();
      if (life.alive) this.open.set(life, open);
    }
    return open;
  }

  private way(): number {
    return this.chance.skewed(0.05, this.condition.delayMs);
  }
}

function unreachable(name: string, why: string): TuttiError {
  return new TuttiError('SHUTTING_DOWN', `${name} does not answer: ${why}`);
}
