import unit from './jest.config.mjs';
import { integrationReport } from './scripts/launcher/paths.mjs';

/** The specs that need a broker, a database server or both, at the addresses in the environment: `npm run test:integration` runs them. */
export default {
  ...unit,
  testMatch: ['**/*.integration.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  reporters: ['default', ['<rootDir>/scripts/parts/report-as-it-goes.mjs', { file: integrationReport }]],
  testTimeout: 60_000,
};
