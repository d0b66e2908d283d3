export { createFollowerProcess, type FollowerProgress } from './follower-process.js';
export { OnRunEvent, type RunEventContext, type RunEventOf } from './on-run-event.js';
