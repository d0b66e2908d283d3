export { aiAgent, type AiAgentClass, type AiAgentOptions, type ModelSettings } from './ai-agent.js';
