import { scheduleSpec, type ScheduleSpec } from '@tutti/contracts';
import { invalidRequest, parseRequest, type RequestProblem } from '@tutti/service-kit';
import { expressionsOf, compileTemplate, type TemplateProblem } from '../expressions/template.js';
import { cronProblem } from './times.js';

const MIN_EVERY_MS = 1_000;
const MAX_EVERY_MS = 366 * 86_400_000;
const MAX_SPAN_MS = 366 * 86_400_000;
const MAX_INPUT_BYTES = 64 * 1024;

/** @throws TuttiError INVALID_REQUEST with everything that is wrong */
export function checkSpec(given: ScheduleSpec): ScheduleSpec {
  const spec = parseRequest(scheduleSpec, given, 'spec');
  const problems: RequestProblem[] = [];
  const problem = (path: string, message: string): void => void problems.push({ path: `spec.${path}`, message });
  const { cron, everyMs, offsetMs, timezone, catchUpMs, jitterMs, inputs } = spec;
  if ((cron === null) === (everyMs === null)) problem('cron', 'expected either cron or everyMs');
  const wrongCron = cron === null ? null : cronProblem(cron, timezone);
  if (wrongCron !== null) problem('cron', wrongCron);
  if (cron === null && timezone !== 'UTC') problem('timezone', 'goes with cron');
  if (everyMs !== null && (everyMs < MIN_EVERY_MS || everyMs > MAX_EVERY_MS))
    problem('everyMs', `found ${everyMs}, expected ${MIN_EVERY_MS} to ${MAX_EVERY_MS}`);
  if (offsetMs > 0 && (everyMs === null || offsetMs >= everyMs)) problem('offsetMs', `found ${offsetMs}, expected less than everyMs`);
  if (catchUpMs > MAX_SPAN_MS) problem('catchUpMs', `found ${catchUpMs}, expected at most ${MAX_SPAN_MS}`);
  if (jitterMs > MAX_SPAN_MS) problem('jitterMs', `found ${jitterMs}, expected at most ${MAX_SPAN_MS}`);
  if (Buffer.byteLength(JSON.stringify(inputs)) > MAX_INPUT_BYTES) problem('inputs', `expected at most ${MAX_INPUT_BYTES} bytes`);
  const found: TemplateProblem[] = [];
  const expressions = expressionsOf(compileTemplate(inputs, found));
  for (const { path, message } of found) problem(['inputs', ...path].join('.'), message);
  for (const { path } of expressions)
    if (path !== null && path[0] !== 'schedule') problem('inputs', `nothing is called "${path[0] ?? ''}" here; expected schedule`);
  if (problems.length > 0) throw invalidRequest(problems);
  return spec;
}
