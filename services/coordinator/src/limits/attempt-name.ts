/** Name of an attempt within its run. */
export function attemptName(task: string, attempt: number): string {
  return `${task}#${attempt}`;
}
