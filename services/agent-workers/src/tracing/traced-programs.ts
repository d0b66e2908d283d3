import type { Tracer } from '@tutti/service-kit';
import type { ProgramStarter } from '../command-agent/program.port.js';

/** Starts programs that find the trace they are started in, as OpenTelemetry's convention for environments has it: in TRACEPARENT. */
export function traceProgramStarter(starter: ProgramStarter, tracer: Tracer): ProgramStarter {
  return {
    start(spec, listener) {
      const traceparent = tracer.active();
      return starter.start(traceparent === null ? spec : { ...spec, env: { ...spec.env, TRACEPARENT: traceparent } }, listener);
    },
  };
}
