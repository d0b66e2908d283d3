import { describe, expect, it } from '@jest/globals';
import { TuttiError, type Runtime } from '@tutti/kernel';
import { recordTracing } from '../testing/recorded-tracing.js';
import { detachTimers } from './detached-timers.js';
import { traceFields } from './log-fields.js';
import { NO_TRACER } from './tracer.js';
import { parseTraceparent } from './traceparent.js';

const CALLER = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const UNKEPT = CALLER.replace(/01$/, '00');
const LINKED = '00-1af7651916cd43dd8448eb211c80319c-c7ad6b7169203331-01';

describe('without tracing', () => {
  it('does its work, and passes on what came', () => {
    expect(NO_TRACER.inSpan({ name: 'x' }, () => 7)).toBe(7);
    expect(NO_TRACER.within(CALLER, () => NO_TRACER.active())).toBeNull();
    expect(NO_TRACER.start({ name: 'x', parent: CALLER }).traceparent).toBe(CALLER);
    const runtime = {} as Runtime;
    expect(detachTimers(runtime, NO_TRACER)).toBe(runtime);
  });
});

describe('a tracer', () => {
  it('goes on from the caller, and from the active span below it', async () => {
    const { tracer, spans } = recordTracing();
    await tracer.inSpan({ name: 'outer', kind: 'server', parent: CALLER }, async () => {
      await Promise.resolve();
      tracer.inSpan({ name: 'inner', attributes: { a: 1, b: undefined } }, () => undefined);
    });
    const [inner, outer] = spans();
    expect(outer).toMatchObject({
      name: 'outer',
      kind: 'server',
      parentId: 'b7ad6b7169203331',
      traceId: '0af7651916cd43dd8448eb211c80319c',
    });
    expect(inner).toMatchObject({ name: 'inner', kind: 'internal', parentId: outer?.spanId, traceId: outer?.traceId });
    expect(inner?.attributes).toEqual({ a: 1 });
  });

  it('begins a trace of its own where it is told to, with links to what it comes of', () => {
    const { tracer, spans } = recordTracing();
    tracer.within(CALLER, () => tracer.inSpan({ name: 'new', parent: null, links: [LINKED, null] }, () => undefined));
    expect(spans()).toMatchObject([{ parentId: null, links: [{ traceId: parseTraceparent(LINKED)?.traceId }] }]);
    expect(spans()[0]?.traceId).not.toBe(parseTraceparent(CALLER)?.traceId);
  });

  it('takes what is no traceparent for none', () => {
    const { tracer, spans } = recordTracing();
    tracer.inSpan({ name: 'x', parent: 'nonsense', links: ['nonsense'] }, () => undefined);
    expect(spans()).toMatchObject([{ parentId: null, links: [] }]);
  });

  it('marks what is thrown with its code, at once or later, and throws it on', async () => {
    const { tracer, spans } = recordTracing();
    const error = new TuttiError('OVERLOADED', 'too much');
    expect(() =>
      tracer.inSpan({ name: 'now' }, () => {
        throw error;
      }),
    ).toThrow(error);
    await expect(tracer.inSpan({ name: 'later' }, () => Promise.reject(error))).rejects.toBe(error);
    const span = tracer.start({ name: 'of an agent' });
    span.fail({ code: 'NO_LUCK', message: 'no' });
    span.end();
    expect(spans().map(({ name, failed, attributes }) => [name, failed, attributes['error.type']])).toEqual([
      ['now', true, 'OVERLOADED'],
      ['later', true, 'OVERLOADED'],
      ['of an agent', true, 'NO_LUCK'],
    ]);
  });

  it('says what was refused without making it a failure', () => {
    const { tracer, spans } = recordTracing();
    tracer.inSpan({ name: 'x' }, (span) => span.refuse('RUN_NOT_FOUND'));
    expect(spans()).toMatchObject([{ failed: false, attributes: { 'error.type': 'RUN_NOT_FOUND' } }]);
  });

  it('shows nothing of a span that never ends', () => {
    const { tracer, spans } = recordTracing();
    expect(tracer.start({ name: 'x', parent: CALLER }).traceparent).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01$/);
    expect(spans()).toEqual([]);
  });

  it('names the active span in lines of the log, and nothing outside of one', () => {
    const { tracer } = recordTracing();
    expect(traceFields(tracer)).toEqual({});
    expect(tracer.within(CALLER, () => traceFields(tracer))).toEqual({
      trace_id: '0af7651916cd43dd8448eb211c80319c',
      span_id: 'b7ad6b7169203331',
    });
  });

  it('gives the same ids for the same chance, so that what enters events can be repeated', () => {
    const made = () => recordTracing({ seed: 7 }).tracer.start({ name: 'x', parent: null }).traceparent;
    expect(made()).toBe(made());
  });
});

describe('what is kept', () => {
  it('is what the caller keeps', () => {
    const all = recordTracing();
    all.tracer.inSpan({ name: 'x', parent: UNKEPT }, (span) => expect(span.traceparent).toMatch(/-00$/));
    expect(all.spans()).toEqual([]);
    const none = recordTracing({ ratio: 0 });
    none.tracer.inSpan({ name: 'x', parent: CALLER }, () => undefined);
    expect(none.spans()).toHaveLength(1);
  });

  it('is a share of what begins here', () => {
    const { tracer, spans } = recordTracing({ ratio: 0.25 });
    for (let made = 0; made < 2_000; made++) tracer.start({ name: 'x', parent: null }).end();
    expect(spans().length).toBeGreaterThan(400);
    expect(spans().length).toBeLessThan(600);
  });

  it('is, of what goes on by a link, what it goes on from', () => {
    const none = recordTracing({ ratio: 0 });
    none.tracer.start({ name: 'x', parent: null, links: [LINKED] }).end();
    expect(none.spans()).toHaveLength(1);
    const all = recordTracing();
    all.tracer.start({ name: 'x', parent: null, links: [UNKEPT] }).end();
    expect(all.spans()).toEqual([]);
  });
});

describe('timers', () => {
  it('call back outside of the trace that they were armed in', () => {
    const { tracer } = recordTracing();
    const armed: (() => void)[] = [];
    const timers: Runtime['timers'] = {
      after: (_, callback) => {
        armed.push(callback);
        return () => undefined;
      },
      soon: (callback) => void armed.push(callback),
    };
    const runtime = detachTimers({ timers } as Runtime, tracer);
    const active: (string | null)[] = [];
    tracer.within(CALLER, () => {
      runtime.timers.after(5, () => active.push(tracer.active()));
      runtime.timers.soon(() => active.push(tracer.active()));
      for (const callback of armed) callback();
      active.push(tracer.active());
    });
    expect(active).toEqual([null, null, CALLER]);
  });
});
