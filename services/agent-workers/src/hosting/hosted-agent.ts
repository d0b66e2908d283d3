import type { AgentContext, AgentHost, AgentMessage, AgentTask, JsonValue } from '@tutti/agent-sdk';
import type { AgentProfile } from '@tutti/contracts';

/** What a worker needs of an agent, whichever copy of the SDK its class comes from, or of a program that is one. */
export interface AgentInstance {
  processTask(task: AgentTask, context: AgentContext): Promise<JsonValue>;
  start?(host: AgentHost): Promise<void>;
  receive?(message: AgentMessage): Promise<void>;
  /** Ends what the agent still has running. */
  close?(): Promise<void>;
}

export interface HostedAgent {
  readonly profile: AgentProfile;
  readonly instance: AgentInstance;
}
