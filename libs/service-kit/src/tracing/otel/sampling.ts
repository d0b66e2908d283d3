import { trace, type Context, type Link } from '@opentelemetry/api';
import { ParentBasedSampler, SamplingDecision, TraceIdRatioBasedSampler, type Sampler } from '@opentelemetry/sdk-trace';
import { isSampledFlag } from '../traceparent.js';

/**
 * As whoever began the trace decided; a trace that begins here is kept by chance, by its id. One that goes on from another by a link is kept as that one was: of a run
 * that waits, all or nothing.
 */
export function ratioSampler(ratio: number): Sampler {
  const root = new TraceIdRatioBasedSampler(ratio);
  const parentBased = new ParentBasedSampler({ root });
  return {
    shouldSample(context, traceId, name, kind, attributes, links) {
      const link = hasParent(context) ? undefined : firstOf(links);
      if (link === undefined) return parentBased.shouldSample(context, traceId, name, kind, attributes, links);
      return { decision: isSampledFlag(link.context.traceFlags) ? SamplingDecision.RECORD_AND_SAMPLED : SamplingDecision.NOT_RECORD };
    },
    toString: () => `LinkOrParentBased{${root.toString()}}`,
  };
}

function hasParent(context: Context): boolean {
  return trace.getSpanContext(context) !== undefined;
}

function firstOf(links: readonly Link[]): Link | undefined {
  return links[0];
}
