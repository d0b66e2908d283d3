export { agentWorkersConfig, type AgentWorkersConfig } from './agent-workers.config.js';
export { AgentWorkersLifecycle, type AgentWorkersHost } from './agent-workers.lifecycle.js';
export { AgentWorkersModule, type AgentWorkersOptions } from './agent-workers.module.js';
export type { AgentInstance, HostedAgent } from './hosting/hosted-agent.js';
export { agentFileJsonSchema } from './discovery/agent-file.schema.js';
