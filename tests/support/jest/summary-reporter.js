/** Closes a test run with one plain line that people and programs can read. */
export default class ClosingLine {
  onRunComplete(_contexts, results) {
    const broken = results.testResults.filter((file) => file.testExecError).length;
    const failed = results.numFailedTests + broken;
    const skipped = results.numPendingTests + results.numTodoTests;
    // At exit, so that it comes after everything the other reporters have to say.
    process.once('exit', () => {
      process.stdout.write(`Chance began with RANDOM_SEED=${process.env.RANDOM_SEED}\n`);
      process.stdout.write(`${results.numPassedTests} passed, ${failed} failed, ${skipped} skipped\n`);
    });
  }
}
