import type { TaskChannel } from '@tutti/contracts';

/** The stream to one coordinator, for as long as the table names it at this address. */
export class CoordinatorStream {
  /** It has been told who is here since it was last given runs, and did not say that it has forgotten. */
  told = false;
  announcing = false;
  beating = false;

  constructor(
    readonly id: string,
    readonly address: string,
    readonly channel: TaskChannel & { close(): void },
  ) {}
}
