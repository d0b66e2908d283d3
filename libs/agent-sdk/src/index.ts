export { AgentFailure, isAgentFailure } from './agent-failure.js';
export {
  Agent,
  type AgentContext,
  type AgentHost,
  type AgentMessage,
  type AgentProfile,
  type AgentTask,
  type GateFeedback,
  type LogLevel,
} from './agent.js';
export {
  MAX_STEP_NAME,
  type Compensation,
  type Resolution,
  type SideEffect,
  type StepCall,
  type StepOptions,
  type StepUsage,
} from './step.js';
export type { JsonObject, JsonValue } from '@tutti/kernel';
