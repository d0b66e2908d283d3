export { createFollowerProcess } from './follower-process.js';
export type { FollowedRunEvent } from './run-event-following.js';
