import { shared, streamIdentifier, streams, type FilterOptions, type ReadReq } from './messages.js';

/** So many events that do not match are looked at before the server says how far it is. */
const SEARCH_WINDOW = 64;

/** A position, where the log begins, or where it ends. */
export type LogPlace = number | 'start' | 'end';

/** What the server filters by: the names of streams or the types of events. */
export type ServerFilter = { readonly by: 'stream' | 'type' } & ({ readonly regex: string } | { readonly prefixes: readonly string[] });

export interface PageOptions {
  readonly backwards: boolean;
  readonly count: number;
}

export function readAllRequest(from: LogPlace, { backwards, count }: PageOptions): ReadReq {
  const options = newOptions(backwards);
  options.setAll(allFrom(from));
  options.setCount(String(count));
  options.setNoFilter(new shared.Empty());
  return request(options);
}

export function readStreamRequest(stream: string, from: LogPlace, { backwards, count }: PageOptions): ReadReq {
  const of = new streams.ReadReq.Options.StreamOptions();
  of.setStreamIdentifier(streamIdentifier(stream));
  if (from === 'start') of.setStart(new shared.Empty());
  else if (from === 'end') of.setEnd(new shared.Empty());
  else of.setRevision(String(from));
  const options = newOptions(backwards);
  options.setStream(of);
  options.setCount(String(count));
  options.setNoFilter(new shared.Empty());
  return request(options);
}

export function subscribeRequest(after: LogPlace, filter: ServerFilter): ReadReq {
  const options = newOptions(false);
  options.setAll(allFrom(after));
  options.setSubscription(new streams.ReadReq.Options.SubscriptionOptions());
  options.setFilter(filterOptions(filter));
  return request(options);
}

function newOptions(backwards: boolean): InstanceType<typeof streams.ReadReq.Options> {
  const uuids = new streams.ReadReq.Options.UUIDOption();
  uuids.setString(new shared.Empty());
  const { BACKWARDS, FORWARDS } = streams.ReadReq.Options.ReadDirection;
  const options = new streams.ReadReq.Options();
  options.setReadDirection(backwards ? BACKWARDS : FORWARDS);
  options.setUuidOption(uuids);
  return options;
}

function allFrom(from: LogPlace): InstanceType<typeof streams.ReadReq.Options.AllOptions> {
  const all = new streams.ReadReq.Options.AllOptions();
  if (from === 'start') all.setStart(new shared.Empty());
  else if (from === 'end') all.setEnd(new shared.Empty());
  else {
    const position = new streams.ReadReq.Options.Position();
    position.setCommitPosition(String(from));
    position.setPreparePosition(String(from));
    all.setPosition(position);
  }
  return all;
}

function filterOptions(filter: ServerFilter): FilterOptions {
  const expression = new streams.ReadReq.Options.FilterOptions.Expression();
  if ('regex' in filter) expression.setRegex(filter.regex);
  else expression.setPrefixList([...filter.prefixes]);
  const options = new streams.ReadReq.Options.FilterOptions();
  if (filter.by === 'stream') options.setStreamIdentifier(expression);
  else options.setEventType(expression);
  options.setMax(SEARCH_WINDOW);
  options.setCheckpointintervalmultiplier(1);
  return options;
}

function request(options: InstanceType<typeof streams.ReadReq.Options>): ReadReq {
  const message = new streams.ReadReq();
  message.setOptions(options);
  return message;
}
