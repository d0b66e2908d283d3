// Prints `N passed, N failed` of the last `npm run verify`, in a form that any reader of a log understands, which jest's own summary is not.
import { readFileSync } from 'node:fs';
import { jestReport } from './launcher/paths.mjs';

const report = readReport();
const failed = report.numFailedTests + report.numRuntimeErrorTestSuites;
const skipped = report.numPendingTests + report.numTodoTests;
console.log(`${report.numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);

function readReport() {
  try {
    return JSON.parse(readFileSync(jestReport, 'utf8'));
  } catch {
    return { numPassedTests: 0, numFailedTests: 0, numRuntimeErrorTestSuites: 0, numPendingTests: 0, numTodoTests: 0 };
  }
}
