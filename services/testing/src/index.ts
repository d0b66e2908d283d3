export { createTestKit, TestKit, type OutsideEventOptions, type StartOptions, type TestKitOptions, type TestWorkflow } from './test-kit.js';
export {
  commands,
  does,
  type AgentCall,
  type Failure,
  type GateCommand,
  type NamedTestAgents,
  type TestAgent,
  type TestAgents,
  type TestContext,
  type TestHandler,
} from './test-agent.js';
export { TestRun, type Awaited, type Verdict, type Wait } from './test-run.js';
export type { PendingApproval } from './run-stories.js';
