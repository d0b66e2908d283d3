export { followInMemory, type FollowedInMemory } from './follow-in-memory.js';
