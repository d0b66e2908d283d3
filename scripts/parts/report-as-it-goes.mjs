import { renameSync, writeFileSync } from 'node:fs';

/**
 * A reporter for jest that writes the sums after every spec file, so that a run that is cut off still has them. The file has the names of
 * jest's own JSON report, as far as it goes.
 */
class ReportAsItGoes {
  #file;
  #done = [];

  constructor(_globalConfig, { file }) {
    this.#file = file;
  }

  onTestFileResult(_test, { testFilePath }, sums) {
    this.#done.push(testFilePath);
    this.#write(sums);
  }

  onRunComplete(_contexts, sums) {
    this.#write(sums);
  }

  #write(sums) {
    const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites, numPendingTests, numTodoTests } = sums;
    const report = { numPassedTests, numFailedTests, numRuntimeErrorTestSuites, numPendingTests, numTodoTests, done: this.#done };
    writeFileSync(`${this.#file}.new`, JSON.stringify(report));
    renameSync(`${this.#file}.new`, this.#file);
  }
}

// Jest takes a reporter by its default export.
export default ReportAsItGoes;
