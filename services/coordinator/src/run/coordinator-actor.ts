/** Who acts when it is nobody from outside. */
export const COORDINATOR_ACTOR = 'service:coordinator';
