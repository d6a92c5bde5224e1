import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import type { ApiParts } from '#apps/api/parts'
import type { Role } from '#domain/account/events'
import { type ApiUnderTest, startApi } from './api.ts'

/** Who there is in specs of the API: two domains, each with its administrator, and those above them. */
const PEOPLE: Readonly<Record<string, readonly Role[]>> = {
  'ann@one.test': ['user'],
  'ben@one.test': ['user'],
  'dora@one.test': ['user', 'domain-admin'],
  'uma@two.test': ['user'],
  'otto@two.test': ['user', 'domain-admin'],
  'root@one.test': ['user', 'admin'],
  'olga@one.test': ['user', 'compliance'],
}

export interface Installation {
  readonly api: ApiUnderTest
}

/** One installation for all specs of a file. */
export const installation = (changes: Partial<ApiParts> = {}, people = PEOPLE): Installation => {
  const here: { folder?: string; api?: ApiUnderTest } = {}
  beforeAll(async () => {
    here.folder = await mkdtemp(join(tmpdir(), 'mailkeep-api-'))
    here.api = await startApi(here.folder, changes)
    await here.api.domain('one.test')
    await here.api.domain('two.test')
    for (const [address, roles] of Object.entries(people)) await here.api.account(address, roles)
    await here.api.settled()
  })
  afterAll(async () => {
    await here.api?.close()
    if (here.folder !== undefined) await rm(here.folder, { recursive: true, force: true, maxRetries: 5 })
  })
  return {
    get api(): ApiUnderTest {
      if (here.api === undefined) throw new Error('the installation is made in beforeAll')
      return here.api
    },
  }
}
