export { createEnvironment } from './environment.js';
export { runProgram } from './program.js';
export type { Environment } from './environment.port.js';
export { EXIT, EXIT_CODE_TABLE, type ExitCode } from './failure/exit-codes.js';
