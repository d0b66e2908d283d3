// Time, timers, randomness, ids and the environment come through seams, so that a whole system can be simulated.
const throughRuntime = 'Take it from the Runtime of @tutti/kernel, so that a test can control it.';
const throughConfig = 'The environment is read by config loaders only; take the value from the configuration.';

export const timerGlobals = ['setTimeout', 'setInterval', 'setImmediate'].map((name) => ({ name, message: throughRuntime }));

export const systemGlobals = [...timerGlobals, { name: 'performance', message: throughRuntime }];

export const systemProperties = [
  { object: 'Date', property: 'now', message: throughRuntime },
  { object: 'performance', property: 'now', message: throughRuntime },
  { object: 'crypto', property: 'randomUUID', message: throughRuntime },
  { object: 'crypto', property: 'getRandomValues', message: throughRuntime },
  ...['setTimeout', 'setInterval', 'setImmediate', 'performance'].map((property) => ({
    object: 'globalThis',
    property,
    message: throughRuntime,
  })),
];

export const mathRandom = [{ object: 'Math', property: 'random', message: throughRuntime }];

export const environmentProperties = [{ object: 'process', property: 'env', message: throughConfig }];

export const fakeTimers = ['useFakeTimers', 'advanceTimersByTime', 'advanceTimersByTimeAsync', 'runAllTimers'].map((property) => ({
  object: 'jest',
  property,
  message: 'Hand the code a clock that the test controls (@tutti/kernel/testing).',
}));

export const dateWithoutArguments = [
  { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: throughRuntime },
  { selector: 'CallExpression[callee.name="Date"]', message: throughRuntime },
];

export const systemImports = [
  { name: 'node:timers', message: throughRuntime },
  { name: 'node:timers/promises', message: throughRuntime },
  { name: 'node:perf_hooks', importNames: ['performance'], message: throughRuntime },
  { name: 'node:crypto', importNames: ['randomUUID', 'randomBytes', 'randomInt', 'webcrypto'], message: throughRuntime },
  { name: 'node:process', importNames: ['env'], message: throughConfig },
];
