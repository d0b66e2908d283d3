// Prints `N passed, N failed` of the last `npm run verify` and the last `npm run test:integration` together, in a form that any reader of a
// log understands, which jest's own summary is not.
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { integrationReport, jestReport } from './launcher/paths.mjs';

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) printCount([jestReport, integrationReport]);

/** @param {readonly string[]} files reports of jest; @param {number} unrun spec files that were not even started, counted as skipped */
export function printCount(files, unrun = 0) {
  const reports = files.map(readReport);
  const total = (count) => reports.reduce((sum, report) => sum + count(report), 0);
  const passed = total((report) => report.numPassedTests);
  const failed = total((report) => report.numFailedTests + report.numRuntimeErrorTestSuites);
  const skipped = unrun + total((report) => report.numPendingTests + report.numTodoTests);
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
}

/** A report of jest; one without any test when there is none. */
export function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return { numPassedTests: 0, numFailedTests: 0, numRuntimeErrorTestSuites: 0, numPendingTests: 0, numTodoTests: 0 };
  }
}
