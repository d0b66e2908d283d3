import { Catch, UseFilters, type RpcExceptionFilter } from '@nestjs/common';
import { BaseRpcContext, Ctx, EventPattern, Payload } from '@nestjs/microservices';
import type { RunEvent, RunEventType } from '@tutti/contracts';
import type { RecordedEvent } from '@tutti/kernel';
import { throwError, type Observable } from 'rxjs';

/** Names the transport: its handlers get nothing from others that an application may be connected to. */
export const RECORDED_EVENTS = Symbol('recorded events');

export type RunEventOf<Type extends RunEventType> = Extract<RunEvent, { readonly type: Type }>;

/** Where and when an event was recorded. */
export class RunEventContext extends BaseRpcContext<[RecordedEvent]> {
  get runId(): string {
    return this.args[0].metadata.correlationId;
  }

  /** When it was recorded, in milliseconds since 1970. */
  get atMs(): number {
    return Date.parse(this.args[0].time);
  }

  /** In the log. */
  get position(): number {
    return this.args[0].position;
  }
}

type Handler<Type extends RunEventType> = (event: RunEventOf<Type>, context: RunEventContext) => void | Promise<void>;

/**
 * A controller's method that gets every recorded event of these types, of the newest version of its schema, in order of position and one at a time over all
 * handlers of the process: a promise holds up whatever comes after it. What it throws ends nothing: it is logged and counted, and the event is not given again.
 */
export function OnRunEvent<const Type extends RunEventType>(...types: readonly [Type, ...Type[]]) {
  return <Method extends Handler<Type>>(controller: object, name: string, method: TypedPropertyDescriptor<Method>): void => {
    Payload()(controller, name, 0);
    Ctx()(controller, name, 1);
    UseFilters(new ThrownOn())(controller, name, method);
    EventPattern(types, RECORDED_EVENTS, { handler: `${controller.constructor.name}.${name}` })(controller, name, method);
  };
}

/** Without it, Nest says "Internal server error" of whatever a handler throws. */
@Catch()
class ThrownOn implements RpcExceptionFilter<unknown> {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}
