import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ApiClient } from '#test/dsl/api-client'
import { installation } from '#test/dsl/api-installation'

const here = installation()
let root: ApiClient
let dora: ApiClient
let ann: ApiClient

beforeAll(async () => {
  root = await here.api.as('root@one.test')
  dora = await here.api.as('dora@one.test')
  ann = await here.api.as('ann@one.test')
})

const ANN = '/accounts/ann@one.test'
const forwarding = (to: readonly string[], keepCopy?: boolean) => ({
  forwarding: { to, ...(keepCopy === undefined ? {} : { keepCopy }) },
})
const policy = (document: object) => root.put('/policies/accounts', { document, reason: 'spec' })

describe('the forwarding of an account', () => {
  it('is set by who administers it, shown to its owner, and ended', async () => {
    expect((await ann.get(ANN)).json).toMatchObject({ forwarding: null })
    const set = await dora.patch(ANN, forwarding(['ben@one.test', 'Ann.Lee@Outside.net']))
    const wanted = { to: ['ben@one.test', 'Ann.Lee@outside.net'], keepCopy: true }
    expect([set.status, set.json['forwarding']]).toEqual([200, wanted])
    expect((await ann.get(ANN)).json).toMatchObject({ forwarding: wanted })
    expect((await dora.get('/accounts')).items).toContainEqual(
      expect.objectContaining({ address: 'ann@one.test', forwarding: wanted }),
    )
    expect((await dora.patch(ANN, { displayName: 'Ann' })).json).toMatchObject({ forwarding: wanted })
    const ended = await dora.patch(ANN, { forwarding: null })
    expect([ended.status, ended.json['forwarding']]).toEqual([200, null])
  })

  it('is nothing for the account itself, nor for the administrator of another domain', async () => {
    expect((await ann.patch(ANN, forwarding(['ben@one.test']))).status).toBe(403)
    const otto = await here.api.as('otto@two.test')
    expect((await otto.patch(ANN, forwarding(['ben@one.test']))).status).toBe(403)
    expect((await dora.patch('/accounts/root@one.test', forwarding(['ben@one.test']))).status).toBe(403)
  })

  it('leads to somebody who is there', async () => {
    const wrong = await dora.patch(ANN, forwarding(['ben@one.test', 'nobody@two.test']))
    expect([wrong.status, wrong.json['problems']]).toEqual([
      400,
      [{ where: 'body.forwarding.to.1', problem: 'there is no nobody@two.test' }],
    ])
    expect((await dora.patch(ANN, forwarding(['ann@one.test']))).json).toMatchObject({
      status: 400,
      detail: expect.stringContaining('does not forward to itself'),
    })
    expect((await dora.patch(ANN, forwarding([]))).status).toBe(400)
    const eleven = Array.from({ length: 11 }, (_, at) => `x${at}@outside.net`)
    expect((await dora.patch(ANN, forwarding(eleven))).status).toBe(400)
  })
})

describe('where policy lets no mail be forwarded outside', () => {
  afterAll(async () => {
    await policy({})
  })

  it('no account and no group gets an address there; what they had stays', async () => {
    expect((await dora.patch(ANN, forwarding(['a@outside.net'], false))).status).toBe(200)
    expect((await policy({ forwarding: { outside: 'refuse', domains: { 'two.test': 'allow' } } })).status).toBe(200)
    expect((await dora.patch(ANN, forwarding(['a@outside.net', 'ben@one.test']))).status).toBe(200)
    const refused = await dora.patch(ANN, forwarding(['b@outside.net']))
    expect([refused.status, refused.json['detail']]).toEqual([
      400,
      'body.forwarding.to.0: outside.net is not hosted here, and policy lets no mail of one.test be forwarded outside',
    ])
    expect((await dora.post('/groups', { address: 'out@one.test', members: ['b@outside.net'] })).status).toBe(400)
    const otto = await here.api.as('otto@two.test')
    expect((await otto.post('/groups', { address: 'out@two.test', members: ['b@outside.net'] })).status).toBe(201)
    expect((await otto.patch('/accounts/uma@two.test', forwarding(['b@outside.net']))).status).toBe(200)
  })
})
