import type { TaskChannel } from '@tutti/contracts';
import type { SpanOptions, Tracer } from '@tutti/service-kit';

/** The same channel, where asking for leave and handing a result over are spans of the attempt's trace. */
export function traceTaskChannel(channel: TaskChannel, tracer: Tracer): TaskChannel {
  return {
    announce: (announcement) => channel.announce(announcement),
    beat: (worker, beat) => channel.beat(worker, beat),
    drain: (worker) => channel.drain(worker),
    depart: (worker) => channel.depart(worker),
    claim: (worker, attempt) =>
      tracer.inSpan(calling('claim task'), async (span) => {
        const answer = await channel.claim(worker, attempt);
        span.set({ 'tutti.verdict': answer.verdict });
        return answer;
      }),
    report: (worker, attempt, outcome) =>
      tracer.inSpan(calling('report task'), (span) => {
        span.set({ 'tutti.outcome': outcome.outcome });
        return channel.report(worker, attempt, outcome);
      }),
  };
}

/** Calls share the stream of their worker. */
function calling(name: string): SpanOptions {
  return { name, kind: 'client', attributes: { 'rpc.system.name': 'grpc', 'rpc.method': 'tutti.v1.WorkerService/Connect' } };
}
