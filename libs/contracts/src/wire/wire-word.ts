/** A contract's enum value as REST speaks it: `RUN_STATUS_RUNNING` as `running`, with the prefix `RUN_STATUS_`. */
export function wireWord(value: string, prefix: string): string {
  return value.slice(prefix.length).toLowerCase().replaceAll('_', '-');
}
