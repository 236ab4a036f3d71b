import { describe, expect, it } from 'vitest'
import { addCounts, formatCounts, readJunitReport, readVitestReport } from './counts.js'

const file = (status: string, ...tests: string[]) => ({
  status,
  assertionResults: tests.map((one) => ({ status: one })),
})

describe('test counts', () => {
  it('a test that is skipped or still to be written does not count as passed', () => {
    const report = JSON.stringify({ testResults: [file('passed', 'passed', 'skipped', 'pending', 'todo')] })
    expect(readVitestReport(report)).toEqual({ passed: 1, failed: 0, skipped: 3 })
  })

  it('a test file that does not even load is a failure, though none of its tests failed', () => {
    const report = JSON.stringify({ testResults: [file('failed'), file('failed', 'failed', 'passed')] })
    expect(readVitestReport(report)).toEqual({ passed: 1, failed: 2, skipped: 0 })
  })

  it('errors in fixtures count as failures of pytest', () => {
    const xml =
      '<testsuites name="pytest tests"><testsuite name="pytest" errors="1" failures="2" skipped="3" tests="10">'
    expect(readJunitReport(xml)).toEqual({ passed: 4, failed: 3, skipped: 3 })
  })

  it('the sum is printed as the plain line that scripts look for', () => {
    const sum = addCounts({ passed: 1, failed: 2, skipped: 3 }, { passed: 10, failed: 0, skipped: 0 })
    expect(formatCounts(sum)).toBe('11 passed, 2 failed, 3 skipped')
  })
})
