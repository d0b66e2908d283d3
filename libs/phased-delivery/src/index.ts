export { DeliveryEngineerAgent } from './agents/delivery-engineer.agent.js';
export { DeliveryPlannerAgent } from './agents/delivery-planner.agent.js';
export {
  CostReviewerAgent,
  PerformanceReviewerAgent,
  SecurityReviewerAgent,
  WellArchitectedReviewerAgent,
} from './agents/reviewers.agent.js';
