/**
 * An aggregate: pure, with time, ids and randomness inside the command. `decide` throws a TuttiError to refuse and returns
 * nothing for a repeat of what was already applied. `evolve` is total and may change the state it was given in place.
 */
export interface Decider<Command, State, Event> {
  readonly initialState: () => State;
  readonly decide: (command: Command, state: State) => readonly Event[];
  readonly evolve: (state: State, event: Event) => State;
}

/** State after the given events. */
export function fold<State, Event>(decider: Pick<Decider<never, State, Event>, 'initialState' | 'evolve'>, events: Iterable<Event>): State {
  let state = decider.initialState();
  for (const event of events) state = decider.evolve(state, event);
  return state;
}
