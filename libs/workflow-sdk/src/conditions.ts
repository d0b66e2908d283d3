import { expr, type Reference } from './reference.js';

/** For `if`: whatever became of what the step needs. */
export const always: Reference<boolean> = expr<boolean>`always()`;
/** For `if`: everything that the step needs has succeeded, as without an `if`. */
export const success: Reference<boolean> = expr<boolean>`success()`;
/** For `if`: something that the step needs, directly or through others, has failed. */
export const failure: Reference<boolean> = expr<boolean>`failure()`;
