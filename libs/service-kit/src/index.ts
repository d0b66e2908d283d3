export { callSignal } from './grpc/call-signal.js';
export { callerMetadata, checkCaller, type CallerTokens } from './grpc/caller-tokens.js';
export { COORDINATOR_CONTRACTS, REGISTRY_CONTRACTS, type ServedContract } from './grpc/contracts.js';
export type { CoordinatorState } from './grpc/coordinator-links.js';
export { grpcClient, type GrpcConnection } from './grpc/grpc-client.js';
export { statusOf } from './grpc/grpc-status.js';
export { InternalServer } from './grpc/internal-server.js';
export type { RemoteProcessLimits } from './grpc/patient-calls.js';
export { RemoteProcess } from './grpc/remote-process.js';
export { RunOwners } from './grpc/run-owners.js';
export { createGrpcServer, listenGrpc, MAX_GRPC_MESSAGE_BYTES, serveGrpc } from './grpc/serve-grpc.js';
export type { ServiceOf, UnaryDefinition } from './grpc/unary-service.js';
export {
  AGENT_SERVICE,
  BLOBS,
  EVENT_BUS,
  EVENT_SERVICE,
  EVENT_STORE,
  LOGGER,
  NOTIFICATION_SERVICE,
  PROJECTIONS,
  READ_MODELS,
  RUN_SERVICE,
  RUNTIME,
  SCHEDULE_SERVICE,
  SERVICE_REGISTRY,
  TASK_CHANNEL,
  TRACER,
  VALUE_STORE,
  WORKFLOW_SERVICE,
} from './injection-tokens.js';
export { startPhases, within, type Phase, type RunningPhases } from './lifecycle/phases.js';
export { ShutDown } from './lifecycle/shut-down.js';
export { configJsonSchema, loadConfig, textList, type ConfigSources } from './load-config.js';
export { createLogger, LOG_LEVELS, silentLogger, type LogFields, type Logger, type LogLevel } from './logger.js';
export { readConfig } from './read-config.js';
export { readServiceInfo, removeServiceInfo, writeServiceInfo, type ServiceInfo, type ServiceRole } from './service-file.js';
export { invalidRequest, parseRequest, type RequestProblem } from './request/parse-request.js';
export {
  GATEWAY_AUDIENCE,
  isServiceToken,
  openServiceTokens,
  openSharedServiceTokens,
  processTokens,
  type ServiceIdentity,
  type ServiceTokens,
} from './service-tokens/service-tokens.js';
export { createValueStore, type ValueStore } from './stored-value/value-store.js';
export { createSystemRuntime } from './system/system-runtime.js';
export { detachTimers } from './tracing/detached-timers.js';
export { traceFields } from './tracing/log-fields.js';
export { isLongWait } from './tracing/long-wait.js';
export { serveInSpan } from './tracing/serve-in-span.js';
export { isTraced, startTracing } from './tracing/start-tracing.js';
export { formatTraceparent, isSameTrace, parseTraceparent } from './tracing/traceparent.js';
export { NO_TRACER, type Span, type SpanAttributes, type SpanOptions, type Tracer } from './tracing/tracer.js';
export { tracingConfig, type TracingConfig } from './tracing/tracing.config.js';
