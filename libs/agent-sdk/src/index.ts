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
export type { JsonObject, JsonValue } from '@tutti/kernel';
