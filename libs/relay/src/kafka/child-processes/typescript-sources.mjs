import { registerHooks } from 'node:module';

// Lets a child process of a test run the sources as they are: `./x.js` is found as `./x.ts`. Its threads are built ones.
registerHooks({
  resolve(specifier, context, next) {
    const { parentURL = '' } = context;
    const fromSources = parentURL !== '' && !/\/(node_modules|dist)\//.test(parentURL);
    return next(fromSources && /^\.{1,2}\/.*\.js$/.test(specifier) ? `${specifier.slice(0, -3)}.ts` : specifier, context);
  },
});
