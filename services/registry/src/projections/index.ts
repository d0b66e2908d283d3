/** The registry's projections without the rest of it, for the thread that runs them. */
export { agentsProjection } from '../agent/agent.projection.js';
export { servicesProjection } from '../service/service.projection.js';
