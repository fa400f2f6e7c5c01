/**
 * A vitest reporter whose last word is `N passed, N failed, N skipped`, alone on the last line, whatever happened. A file that
 * cannot be loaded and an error outside any test count as failed, so that the line never looks better than the exit code.
 */
export default class CountReporter {
  onInit() {
    this.counts = null
    process.once('exit', () => process.stdout.write(`${this.line()}\n`))
  }

  onTestRunEnd(modules, unhandledErrors) {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 }
    for (const module of modules) {
      for (const test of module.children.allTests()) counts[test.result().state]++
      const suites = [module, ...module.children.allSuites()]
      counts.failed += suites.filter((suite) => suite.errors().length > 0).length
    }
    this.counts = counts
  }

  line() {
    if (this.counts === null) return '0 passed, 1 failed'
    const { passed, failed, skipped } = this.counts
    return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
  }
}
