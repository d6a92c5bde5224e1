import { expect, it } from 'vitest'
import { ApiClient } from '#test/dsl/api-client'
import { installation } from '#test/dsl/api-installation'
import { createApi } from '../api.ts'

const here = installation()

it('health and metrics are served alone where the role api is missing, with the same rights', async () => {
  const { api } = here
  const only = await createApi(api.parts, { only: 'health' })
  try {
    const anonymous = new ApiClient(only.app, {})
    const ann = (await api.as('ann@one.test')).on(only.app)
    const watching = (await api.withToken('root@one.test', ['metrics:read'])).on(only.app)
    expect((await anonymous.get('//health/live')).json).toEqual({ status: 'live' })
    expect((await anonymous.get('//health/ready')).json).toMatchObject({ status: 'ready' })
    expect((await anonymous.send('GET', '//metrics', undefined, '127.0.0.1')).text).toContain('mailkeep_')
    const statuses = await Promise.all([anonymous, ann, watching].map((client) => client.get('//metrics')))
    expect(statuses.map(({ status }) => status)).toEqual([401, 403, 200])

    for (const path of ['//', '/openapi.json', '/session', '/mails'])
      expect([path, (await watching.get(path)).json['type']]).toEqual([path, 'urn:mailkeep:problem:not-found'])
    const signIn = await anonymous.post('/session', { address: 'ann@one.test', password: 'x' })
    expect(signIn.status).toBe(404)
  } finally {
    await only.close()
  }
})
