import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ApiUnderTest, PASSWORD, startApi } from '#test/dsl/api'

let folder: string
let api: ApiUnderTest

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mailkeep-api-'))
  api = await startApi(folder)
  await api.domain('one.test')
  await api.account('ann@one.test')
})
afterAll(async () => {
  await api.close()
  await rm(folder, { recursive: true, force: true })
})

describe('signing in', () => {
  it('answers a token that works at once, and no longer once signed out', async () => {
    const answer = await api.anonymous.post('/session', { address: 'Ann@ONE.test', password: PASSWORD })
    expect(answer.text).toContain('token')
    expect(answer.status).toBe(201)
  })
})
