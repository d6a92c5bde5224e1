import { expect, it } from 'vitest'
import { createLogger } from './logger.ts'
import { createMetrics } from './metrics.ts'

const capture = () => {
  const lines: string[] = []
  return { lines, to: { write: (line: string) => void lines.push(line) } }
}

it('writes JSON lines with the time in UTC and the name of the node', () => {
  const { lines, to } = capture()
  createLogger({ human: false, node: 'mx1', to }).info({ client: '192.0.2.1' }, 'accepted')
  const line: unknown = JSON.parse(lines[0] ?? '')
  expect(line).toMatchObject({ node: 'mx1', client: '192.0.2.1', msg: 'accepted' })
  expect(line).toHaveProperty('time', expect.stringMatching(/^\d{4}-.*Z$/))
})

it('never writes secrets', () => {
  const { lines, to } = capture()
  const logger = createLogger({ human: false, to })
  logger.info({ password: 'hunter2', body: { token: 'hunter2' }, req: { headers: { authorization: 'hunter2' } } }, 'in')
  expect(lines.join('')).not.toContain('hunter2')
  expect(lines.join('')).toContain('********')
})

it('counts under names of its own, in a registry of its own', async () => {
  const [one, other] = [createMetrics(), createMetrics({ process: false })]
  one.accepted.inc({ flow: 'inbound' })
  one.scanSeconds.observe({ scanner: 'yara', outcome: 'clean' }, 0.002)
  const text = await one.text()
  expect(text).toContain('mailkeep_accepted_total{flow="inbound"} 1')
  expect(text).toContain('mailkeep_scan_seconds_count{scanner="yara",outcome="clean"} 1')
  expect(text).toContain('process_cpu_seconds_total')
  expect(await other.text()).not.toContain('flow="inbound"')
  one.close()
})
