/** Closes a test run with one plain line that people and programs can read. */
export default class ClosingLine {
  onRunComplete(_contexts, results) {
    const failedFiles = results.testResults.filter((file) => file.testExecError).length;
    const skipped = results.numPendingTests + results.numTodoTests;
    console.log(
      `${results.numPassedTests} passed, ${results.numFailedTests + failedFiles} failed, ${skipped} skipped`,
    );
  }
}
