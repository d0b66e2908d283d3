import { createProjectGraphAsync } from '@nx/devkit';
import nx from '@nx/eslint-plugin';
import prettier from 'eslint-config-prettier/flat';
import { defineConfig } from 'eslint/config';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';
import { depConstraints } from './eslint/project-boundaries.mjs';
import {
  dateWithoutArguments,
  environmentProperties,
  fakeTimers,
  mathRandom,
  systemGlobals,
  systemImports,
  systemProperties,
} from './eslint/system-seams.mjs';

// The boundary rule reads Nx's cached graph and checks nothing when there is none, so the graph is made here.
process.env.NX_DAEMON = 'false';
await createProjectGraphAsync({ exitOnError: false });

const specs = ['**/*.spec.ts', '**/testing/**/*.ts', '**/*-harness.ts', '**/child-processes/**/*.ts', 'test/**/*.ts'];
const cliEnvironment = ['services/cli/src/environment.ts'];
const adapters = [
  '**/embedded/**/*.ts',
  'libs/service-kit/src/system/**/*.ts',
  'libs/client/src/system/**/*.ts',
  'libs/kernel/src/testing/**/*.ts',
  ...cliEnvironment,
  'services/gateway/src/door/token-file.ts',
  'services/gateway/src/access/system-secrets.ts',
  'services/dashboard/src/system/**/*.ts',
];
const page = ['services/dashboard/src/**/*.{ts,tsx}'];
const compositionRoots = ['services/*/src/**/*.module.ts', 'services/standalone/src/**/*.ts', 'services/simulation/src/**/*.ts'];
const environmentReaders = ['**/*config*.ts', '**/main.ts'];

const shapeRules = [
  { selector: 'ExportDefaultDeclaration', message: 'Export by name.' },
  { selector: 'ExportSpecifier[exported.name="default"]', message: 'Export by name.' },
  { selector: 'ExportAllDeclaration', message: 'Name what is exported.' },
  { selector: 'TSEnumDeclaration', message: 'Use a union of string literals.' },
];

const adapterImports = {
  group: ['@tutti/*/embedded', '@tutti/*/embedded/*'],
  message: 'Only a composition root (*.module.ts, standalone) chooses an adapter; depend on the port.',
};
const testingImports = { group: ['@tutti/*/testing'], message: 'Test support is for specs and testing folders.' };

export default defineConfig(
  { ignores: ['**/dist/**', '**/node_modules/**', '.nx/**', 'libs/contracts/src/generated/**', '**/*.mjs', '**/*.cjs', '**/*.js'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error', noInlineConfig: true } },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.recommendedTypeChecked],
    plugins: { '@nx': nx },
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@nx/enforce-module-boundaries': ['error', { depConstraints, allow: [], banTransitiveDependencies: false }],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/prefer-readonly': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true }],
      // An adapter answers a refusal as a rejected promise, so it is async with or without an await.
      '@typescript-eslint/require-await': 'off',
      'no-restricted-syntax': ['error', ...shapeRules, ...dateWithoutArguments],
      'no-restricted-globals': ['error', ...systemGlobals],
      'no-restricted-properties': ['error', ...systemProperties, ...mathRandom, ...environmentProperties],
      'no-restricted-imports': ['error', { paths: systemImports, patterns: [adapterImports, testingImports] }],
    },
  },
  {
    // A page has globals and elements that nothing else has, so a program of its own.
    files: page,
    plugins: { 'react-hooks': reactHooks },
    languageOptions: { parserOptions: { project: './services/dashboard/tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      ...reactHooks.configs.recommended.rules,
      // Handlers of events are given as they are; a mutation says itself what went wrong.
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
    },
  },
  {
    files: compositionRoots,
    rules: { 'no-restricted-imports': ['error', { paths: systemImports, patterns: [testingImports] }] },
  },
  {
    files: environmentReaders,
    rules: { 'no-restricted-properties': ['error', ...systemProperties, ...mathRandom] },
  },
  {
    files: adapters,
    rules: {
      'no-restricted-syntax': ['error', ...shapeRules],
      'no-restricted-globals': 'off',
      'no-restricted-properties': ['error', ...environmentProperties],
      'no-restricted-imports': ['error', { patterns: [testingImports] }],
    },
  },
  { files: cliEnvironment, rules: { 'no-restricted-properties': 'off' } },
  {
    files: specs,
    rules: {
      'no-restricted-syntax': ['error', ...shapeRules],
      'no-restricted-globals': 'off',
      'no-restricted-properties': ['error', ...mathRandom, ...fakeTimers],
      'no-restricted-imports': 'off',
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-base-to-string': 'off',
    },
  },
  {
    // They hold what must not compile, so types that cannot be resolved.
    files: ['**/*.types.unit.spec.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-misused-promises': 'off',
    },
  },
  prettier,
);
