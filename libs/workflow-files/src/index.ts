export { registerWorkflows, type WorkflowSources } from './register-workflows.js';
export { workflowFileKind, workflowsOfModule, type WorkflowSource } from './workflow-module.js';
