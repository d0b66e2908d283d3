import type { EventStore } from '@tutti/event-store';
import type { Runtime } from '@tutti/kernel';
import type { Logger, Tracer, ValueStore } from '@tutti/service-kit';
import type { EventFollower } from '../inbox/event-follower.js';
import type { Permits } from '../limits/permits.js';
import type { WorkerPresence } from '../liveness/worker-presence.js';
import type { Ownership } from '../ownership/ownership.js';
import type { Router } from '../routing/router.js';
import type { RunPlans } from '../workflow/run-plans.js';
import type { OwnerLimits } from './admission.js';
import type { RequestResolver } from './request-resolver.js';

/** What a run owner works with. */
export interface RunOwnerParts {
  readonly store: EventStore;
  readonly plans: RunPlans;
  readonly values: ValueStore;
  readonly router: Router;
  readonly permits: Permits;
  readonly presence: Pick<WorkerPresence, 'isExpected' | 'lacks'>;
  readonly resolver: RequestResolver;
  /** Events that steps wait for. */
  readonly events: Pick<EventFollower, 'watch'>;
  readonly runtime: Runtime;
  readonly logger: Logger;
  readonly limits: OwnerLimits;
  /** Default: all runs are this coordinator's. */
  readonly ownership?: Ownership;
  /** Default: nothing is traced. */
  readonly tracer?: Tracer;
}
