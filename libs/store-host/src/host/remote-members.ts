import type { EventBus } from '@tutti/event-bus';
import { TuttiError, type Timers } from '@tutti/kernel';
import type { StoreHostLimits } from '../limits.js';
import type { OutgoingStream } from './outgoing-stream.js';
import { memberKey, RemoteMember, type MemberRequest } from './remote-member.js';

interface Known {
  readonly member: RemoteMember;
  readonly joined: Promise<void>;
}

/** The bus members of all other processes. They outlive a connection, so that one that breaks repeats nothing. */
export class RemoteMembers {
  readonly #known = new Map<string, Known>();
  #closing = false;

  constructor(
    private readonly bus: EventBus,
    private readonly limits: Pick<StoreHostLimits, 'maxInHand' | 'rejoinMs' | 'closeMs'>,
    private readonly timers: Timers,
  ) {}

  /** Serves the stream until it is given up. @throws what the bus throws, before the stream is opened */
  async serve(request: MemberRequest, stream: OutgoingStream): Promise<void> {
    if (this.#closing) throw new TuttiError('SHUTTING_DOWN', 'the store host is stopping');
    const known = this.#known.get(request.subscription);
    if (known?.member.leaving === true) await known.member.gone;
    const { member, joined } = this.#known.get(request.subscription) ?? (await this.#join(request));
    await joined;
    member.attach(stream);
    await Promise.race([member.gone, new Promise<void>((resolve) => stream.onCancel(resolve))]);
  }

  settle(subscription: string, number: number, error: string | undefined): void {
    this.#known.get(subscription)?.member.settle(number, error);
  }

  async leave(subscription: string): Promise<void> {
    await this.#known.get(subscription)?.member.leave();
  }

  /** Lets handlers that run come to their end, for `closeMs` at most; then all members leave. */
  async close(): Promise<void> {
    this.#closing = true;
    const all = [...this.#known.values()].map(({ member }) => member);
    const cancel = this.timers.after(this.limits.closeMs, () => {
      for (const member of all) void member.lose();
    });
    for (const member of all) if (member.parked) void member.lose();
    await Promise.allSettled(all.map((member) => member.leave()));
    cancel();
  }

  /** All leave at once, with nothing in hand. */
  async abandon(): Promise<void> {
    this.#closing = true;
    await Promise.allSettled([...this.#known.values()].map(({ member }) => member.lose()));
  }

  async #join(request: MemberRequest): Promise<Known> {
    // A process that was started again comes back under the name of the one that is gone.
    const name = memberKey(request.topic, request.group, request.member);
    const former = [...this.#known.values()].filter(({ member }) => member.name === name && member.parked);
    await Promise.all(former.map(({ member }) => member.lose()));
    const member = new RemoteMember({
      request,
      maxInHand: this.limits.maxInHand,
      rejoinMs: this.limits.rejoinMs,
      timers: this.timers,
      onGone: () => void this.#known.delete(request.subscription),
    });
    const joined = member.join(this.bus);
    const known = { member, joined };
    this.#known.set(request.subscription, known);
    joined.catch(() => this.#known.delete(request.subscription));
    return known;
  }
}
