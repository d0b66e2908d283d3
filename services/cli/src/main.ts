import { createEnvironment } from './environment.js';
import { runProgram } from './program.js';

const exitCode = await runProgram(createEnvironment());

// An idle connection must not keep the program from ending; what was printed must be out first.
process.stdout.write('', () => process.stderr.write('', () => process.exit(exitCode)));
