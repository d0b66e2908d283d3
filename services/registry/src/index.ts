export { agentsProjection, type AgentDocument } from './agent/agent.projection.js';
export { registryConfig, type RegistryConfig } from './registry.config.js';
export { RegistryLifecycle } from './registry.lifecycle.js';
export { RegistryModule } from './registry.module.js';
export { servicesProjection, type ServiceDocument } from './service/service.projection.js';
