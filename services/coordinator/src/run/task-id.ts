/** `{step}`, `{step}[{index}]` in a fan-out, with `~{visit}` behind it from the second visit of the step on. Unique within the run. */
export function taskId(step: string, index: number | null, visit: number): string {
  return `${step}${index === null ? '' : `[${index}]`}${visit > 1 ? `~${visit}` : ''}`;
}
