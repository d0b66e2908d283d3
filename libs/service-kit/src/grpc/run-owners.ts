import type { Runtime } from '@tutti/kernel';
import type { Logger } from '../logger.js';
import type { Tracer } from '../tracing/tracer.js';
import type { CallerTokens } from './caller-tokens.js';
import { CoordinatorLinks, type CoordinatorLink, type CoordinatorState, type RunOwnersTable } from './coordinator-links.js';
import { PatientCalls, type PatientCall, type Reached, type RemoteProcessLimits } from './patient-calls.js';
import { targetOf } from './run-of-call.js';
import type { ServiceOf, UnaryDefinition } from './unary-service.js';

interface RunOwnersOptions {
  readonly partitions: RunOwnersTable;
  readonly tokens: Pick<CallerTokens, 'issue'>;
  readonly runtime: Pick<Runtime, 'clock' | 'timers' | 'random'>;
  readonly logger: Logger;
  readonly limits: RemoteProcessLimits;
  readonly tracer?: Tracer;
}

/** Between two looks at the table because of calls that find nobody. */
const REFRESH_MS = 200;

/**
 * Services of all coordinators as if they were one, in the shape of a `RemoteProcess`. A call goes to whoever answers for its run, a start without a key to each in
 * turn, all else to one of them for as long as that is there. While nobody answers for a run, or the table is old, its calls wait as {@link PatientCalls} do.
 */
export class RunOwners {
  private readonly links: CoordinatorLinks;
  private readonly calls: PatientCalls;
  private preferred: CoordinatorLink | null = null;
  private turn: number;
  private refreshedAt = -Infinity;

  constructor(private readonly options: RunOwnersOptions) {
    // Many gateways begin with different ones.
    this.turn = Math.floor(options.runtime.random.next() * 65_536);
    this.links = new CoordinatorLinks({ ...options, lingerMs: options.limits.callMs });
    this.calls = new PatientCalls({
      ...options,
      whom,
      standing: (call) => this.standing(call),
      connect: (call) => this.connect(call),
      refused: (call, by) => this.refused(call, by),
    });
  }

  /** Calls throw what those of {@link PatientCalls} throw. */
  service<Definition extends UnaryDefinition>(definition: Definition): ServiceOf<Definition> {
    return this.calls.service(definition);
  }

  /** Of this one coordinator. Its calls wait for nobody. */
  serviceAt<Definition extends UnaryDefinition>(id: string, definition: Definition): ServiceOf<Definition> {
    const connect = async (): Promise<Reached | null> => {
      const link = this.links.find(id);
      return link === undefined ? null : reached(link, await link.connect());
    };
    const limits = { ...this.options.limits, waitMs: 0 };
    const calls = new PatientCalls({ ...this.options, limits, whom: () => `coordinator ${id}`, standing: () => null, connect });
    return calls.service(definition);
  }

  /** Tells whether any of them is there and ready, now and after each change, until it is closed. */
  watch(onChange: (present: boolean) => void): void {
    this.links.watch(onChange);
  }

  states(): readonly CoordinatorState[] {
    return this.links.all();
  }

  /** Partitions of runs for which nobody answers who is there. */
  unowned(): number {
    return this.links.unowned();
  }

  /** Calls that wait end with SHUTTING_DOWN. */
  close(): void {
    this.calls.close();
    this.links.close();
  }

  private standing({ method, request }: PatientCall): Reached | null {
    const target = targetOf(method, request);
    switch (target.kind) {
      case 'owner': {
        const owner = this.links.ownerOf(target.runId);
        return owner === undefined ? null : reached(owner, owner.standing());
      }
      case 'start':
        // Whoever answers for no run would refuse a new one.
        return this.next(usable(this.links.all().filter(({ partitions }) => partitions > 0)));
      case 'any':
        return this.favourite();
    }
  }

  private async connect(call: PatientCall): Promise<Reached | null> {
    const target = targetOf(call.method, call.request);
    const wanted = target.kind === 'owner' ? [this.links.ownerOf(target.runId)] : this.links.all();
    await firstConnected(wanted);
    // Chosen anew: not everybody is to be with whoever is quickest.
    const found = this.standing(call);
    if (found === null) this.refresh();
    return found;
  }

  /** It took the call for another's, or is not open yet. */
  private refused(call: PatientCall, by: Reached): void {
    this.refresh();
    if (targetOf(call.method, call.request).kind === 'owner') return;
    for (const link of this.links.all()) if (link.address === by.address) link.passedOver = true;
  }

  /** Stays with one for as long as it is there. */
  private favourite(): Reached | null {
    const links = usable(this.links.all());
    const kept = this.preferred !== null && links.includes(this.preferred) ? reached(this.preferred, this.preferred.standing()) : null;
    if (kept !== null) return kept;
    const next = this.next(links);
    this.preferred = links.find(({ address }) => address === next?.address) ?? null;
    return next;
  }

  private next(links: readonly CoordinatorLink[]): Reached | null {
    for (let skipped = 0; skipped < links.length; skipped++) {
      const link = links[(this.turn + skipped) % links.length];
      const found = link === undefined ? null : reached(link, link.standing());
      if (found === null) continue;
      this.turn += skipped + 1;
      return found;
    }
    return null;
  }

  private refresh(): void {
    const { partitions, runtime } = this.options;
    const now = runtime.clock.monotonic();
    if (now - this.refreshedAt < REFRESH_MS) return;
    this.refreshedAt = now;
    void partitions.refresh();
  }
}

/** Those that are not known to be away, or all when they all are: one that is not ready takes calls that wait for what it lacks. */
function usable(links: readonly CoordinatorLink[]): readonly CoordinatorLink[] {
  const there = links.filter(({ ready, passedOver }) => ready !== false && !passedOver);
  return there.length > 0 ? there : links;
}

function whom({ method, request }: PatientCall): string {
  const target = targetOf(method, request);
  return target.kind === 'owner' ? `the coordinator that answers for run ${target.runId}` : 'the coordinator';
}

function reached({ address }: CoordinatorLink, client: Reached['client'] | null): Reached | null {
  return client === null ? null : { client, address };
}

/** Resolves when the first of them is there, or none is. */
async function firstConnected(links: readonly (CoordinatorLink | undefined)[]): Promise<void> {
  const tries = links.map(async (link) => (await link?.connect()) ?? Promise.reject(new Error('away')));
  await Promise.any(tries).catch(() => undefined);
}
