// Prints "<passed> <failed>" of a vitest JSON report.
import { readFileSync } from 'node:fs'

try {
  const report = JSON.parse(readFileSync(process.argv[2], 'utf8'))
  const failedSuites = report.testResults.filter(
    (one) => one.status === 'failed' && one.assertionResults.length === 0,
  ).length
  console.log(`${report.numPassedTests} ${report.numFailedTests + failedSuites}`)
} catch (error) {
  console.error(String(error))
  console.log('0 1')
}
