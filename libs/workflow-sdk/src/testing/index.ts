export { childWorkflow, EVERY_OTHER_VERB, EVERYTHING_OF_A_TASK, type WrittenTwice } from './every-verb.js';
