import { inModules } from './paths.mjs';

const build = { argv: ['scripts/build.mjs'] };
const nodeOptionsForJest = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
// kafkajs sets timers in the past.
const quietKafka = '--disable-warning=TimeoutNegativeWarning';

/**
 * What each command runs, in order, all with the pinned Node. `supervised` marks the long-running process: it gets a process group of
 * its own, so that a signal reaches it once (from the launcher), and an IPC channel, whose closing tells it that the launcher is gone.
 */
export const commands = {
  start: (args) => [
    build,
    { argv: ['services/standalone/dist/main.js', '--demo', ...args], supervised: true, requires: ['services/standalone/dist/main.js'] },
  ],
  serve: ([main, ...args]) => [{ argv: [main, ...args], supervised: true, requires: [main] }],
  // Some specs run the built product.
  test: (args) => [build, { argv: [...nodeOptionsForJest, inModules('jest/bin/jest.js'), ...args] }],
  // What serves EventStoreDB's protocol is a built program.
  parts: (args) => [...(args[0] === 'up' ? [build] : []), { argv: [quietKafka, 'scripts/parts.mjs', ...args] }],
  'test:integration': (args) => [build, { argv: [quietKafka, 'scripts/test-integration.mjs', ...args] }],
  bench: (args) => [build, { argv: ['test/bench/tutti.bench.mjs', ...args] }],
  simulate: (args) => [build, { argv: ['services/simulation/dist/main.js', ...args] }],
  verify: (args) => [{ argv: ['scripts/verify.mjs', ...args] }],
  build: (args) => [{ argv: ['scripts/build.mjs', ...args] }],
  pack: (args) => [{ argv: ['scripts/pack.mjs', ...args] }],
  lint: (args) => [{ argv: [inModules('eslint/bin/eslint.js'), ...(args.length === 0 ? ['.'] : args)] }],
  typecheck: (args) => [{ argv: [inModules('typescript/bin/tsc'), '--noEmit', ...args] }],
  format: (args) => [
    { argv: [inModules('prettier/bin/prettier.cjs'), '--write', '--log-level=warn', ...(args.length === 0 ? ['.'] : args)] },
  ],
  generate: (args) => [{ argv: ['scripts/generate.mjs', ...args] }],
};
