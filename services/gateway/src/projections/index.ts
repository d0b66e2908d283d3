/** The gateway's projection without the rest of it, for the thread that runs it. */
export { auditProjection } from '../access/audit/audit.projection.js';
