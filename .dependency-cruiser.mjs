// What ESLint's project boundaries do not see: cycles between files, deep imports, inner indexes.
const entries =
  '^(?:libs|services)/[^/]+/src/(?:(?:ai|testing|embedded|in-memory|mongodb|gridfs|kafka|eventstoredb|eventstoredb-listener|projections|system|http|follower)/)?index\\.ts$';

export default {
  forbidden: [
    {
      name: 'no-cycle',
      comment: 'Files that import each other cannot be read or tested one at a time. Types alone count too.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-deep-import',
      comment: 'A package is entered by what its package.json exports: the entry, /testing, or an adapter.',
      severity: 'error',
      from: { path: '^((?:libs|services)/[^/]+)/' },
      to: { path: '^(?:libs|services)/[^/]+/src/', pathNot: ['^$1/', entries] },
    },
    {
      name: 'no-inner-index',
      comment: 'Nobody imports the index of their own package: name the file that holds the thing. Tests may, they are its users.',
      severity: 'error',
      from: { path: '^(libs|services)/([^/]+)/src/', pathNot: ['\\.spec\\.ts$', '/testing/'] },
      to: { path: '^$1/$2/src/index\\.ts$' },
    },
    {
      name: 'no-spec-import',
      comment: 'A spec is nobody’s dependency.',
      severity: 'error',
      from: {},
      to: { path: '\\.spec\\.ts$' },
    },
    {
      name: 'no-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '/dist/'] },
    exclude: { path: ['/dist/', '\\.mjs$'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['@tutti/source', 'node', 'import', 'default'] },
  },
};
