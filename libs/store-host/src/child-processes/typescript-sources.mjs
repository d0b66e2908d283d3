import { registerHooks } from 'node:module';

// Lets a child process of a test run the sources as they are: `./x.js` is found as `./x.ts`.
registerHooks({
  resolve(specifier, context, next) {
    const fromSources = context.parentURL?.includes('/node_modules/') === false;
    return next(fromSources && /^\.{1,2}\/.*\.js$/.test(specifier) ? `${specifier.slice(0, -3)}.ts` : specifier, context);
  },
});
