/** Tests of one or several runs. */
export interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

export const NO_TESTS: Counts = { passed: 0, failed: 0, skipped: 0 }

export function addCounts(a: Counts, b: Counts): Counts {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped }
}

/** "12 passed, 0 failed, 0 skipped": the line that scripts look for. */
export function formatCounts({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`
}

/**
 * Reads vitest's JSON report. A file that could not be loaded holds no tests, and counts as one failure.
 * @throws SyntaxError when the text is no JSON.
 */
export function readVitestReport(json: string): Counts {
  const report: { testResults?: { status: string; assertionResults: { status: string }[] }[] } = JSON.parse(json)
  let counts = NO_TESTS
  for (const { status, assertionResults } of report.testResults ?? []) {
    const of = (...states: string[]) => assertionResults.filter((test) => states.includes(test.status)).length
    const failed = of('failed')
    counts = addCounts(counts, {
      passed: of('passed'),
      failed: failed === 0 && status === 'failed' ? 1 : failed,
      skipped: of('skipped', 'pending', 'todo', 'disabled'),
    })
  }
  return counts
}

/** Reads pytest's JUnit XML: the totals on its test suites. */
export function readJunitReport(xml: string): Counts {
  let counts = NO_TESTS
  for (const [suite] of xml.matchAll(/<testsuite\s[^>]*>/g)) {
    const of = (name: string) => Number(new RegExp(`\\s${name}="(\\d+)"`).exec(suite)?.[1] ?? 0)
    const failed = of('failures') + of('errors')
    const skipped = of('skipped')
    counts = addCounts(counts, { passed: of('tests') - failed - skipped, failed, skipped })
  }
  return counts
}
