import { expect, it } from 'vitest'
import { startDemo } from '#test/dsl/mailkeep'

it('serves health and metrics, and nothing else, where the role api runs elsewhere', async () => {
  const demo = await startDemo({ MAILKEEP_ROLES: 'mx' })
  const status = async (path: string) => (await fetch(`http://127.0.0.1:${demo.port('http')}${path}`)).status
  expect(await status('/health/live')).toBe(200)
  expect(await status('/health/ready')).toBe(200)
  expect(await status('/metrics')).toBe(200)
  expect(await status('/api/v1/session')).toBe(404)
  expect(await status('/')).toBe(404)
})
