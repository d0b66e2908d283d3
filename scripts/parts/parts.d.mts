export type PartName = 'kafka' | 'mongo' | 'eventstoredb';

export interface Part {
  readonly name: PartName;
  readonly source: 'environment' | 'container' | 'native';
  /** What it is, with its version. */
  readonly title: string;
  /** As its client wants it: `host:port`, `mongodb://host:port`, `esdb://host:port?tls=false`. The same over a stop and a start. */
  readonly address: string;
  /** Of a native part that runs. */
  readonly pid: number | undefined;
  /** Resolves when it answers by its own protocol; rejects with the end of its log when it does not within 90 s. */
  start(): Promise<void>;
  /** Asks it to end; ends it after 20 s. Its port and its data stay. */
  stop(): Promise<void>;
  /** Ends it as a crash does. Its port and its data stay. */
  kill(): Promise<void>;
  close(): Promise<void>;
}

export interface StartPartsOptions<Name extends PartName = PartName> {
  /** All when left out. */
  readonly parts?: readonly Name[];
  /** Folders that stay, with the data of a part, when it is closed. */
  readonly folders?: Readonly<Partial<Record<PartName, string>>>;
  readonly ports?: Readonly<Partial<Record<PartName, number>>>;
}

/**
 * Starts parts as native processes on free ports of the loopback address, empty. They are gone when `close` resolves, and also when this
 * process is gone, however it went.
 */
export function startParts<Name extends PartName = PartName>(
  options?: StartPartsOptions<Name>,
): Promise<Readonly<Record<Name, Part>> & { close(): Promise<void> }>;

export const partNames: readonly PartName[];
/** The variable that gives the address of each to a test. */
export const partVariables: Readonly<Record<PartName, string>>;
/** One line that says what a part is and where. */
export function describe(part: Part): string;
export function withoutCredentials(address: string): string;
