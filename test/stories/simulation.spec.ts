import { expect, it } from 'vitest'
import { mailkeep as typed } from '#test/dsl/command-line'
import { scriptedDns } from '#test/dsl/dns'
import { dnsServer } from '#test/dsl/dns-server'
import type { HttpClient } from '#test/dsl/http-client'
import { startDemo } from '#test/dsl/mailkeep'
import { as, comesTo, done, EICAR, eventually, GTUBE, send } from '#test/dsl/story'

interface Result {
  readonly mails: number
  readonly unknown: number
  readonly unknownWhy: readonly { readonly why: string; readonly count: number }[]
  readonly recipients: readonly object[]
}
interface Simulation {
  readonly id: string
  readonly state: string
  readonly progress: { readonly done: number; readonly total: number }
  readonly result: Result | null
}

const simulated = async (admin: HttpClient, changes: object): Promise<Simulation & { readonly result: Result }> => {
  const { status, body } = await admin.ask('POST', '/policies/simulations', { changes, from: '2020-01-01' })
  expect([status, body]).toMatchObject([202, { state: expect.stringMatching(/waiting|running|done/) }])
  return eventually(async () => {
    const now = (await done(admin, 'GET', `/policies/simulations/${String(body['id'])}`)) as unknown as Simulation
    expect(now.state).toBe('done')
    return now as Simulation & { readonly result: Result }
  })
}

it('an administrator sees what another policy would have made of the mail of the past', async () => {
  const script = scriptedDns({
    'fine.example': { TXT: [['v=spf1 ip4:127.0.0.1 -all']] },
    'soft.example': { TXT: [['v=spf1 ~all']] },
    'strict.example': { TXT: [['v=spf1 -all']] },
    '_dmarc.example': { TXT: [['v=DMARC1; p=reject']] },
  })
  const dns = await dnsServer(script)
  try {
    const demo = await startDemo({ MAILKEEP_DNS_SERVERS: dns.address })
    const [ann, ben, admin] = [await as(demo, 'ann'), await as(demo, 'ben'), await as(demo, 'admin')]
    const both = ['ann@mailkeep.test', 'ben@mailkeep.test']
    const delivered = { ann: 'delivered', ben: 'delivered' }
    const held = { ann: 'quarantined: spam', ben: 'quarantined: spam' }
    await done(admin, 'PUT', '/policies/inspection', { document: { weights: { GTUBE: 6 } }, reason: 'for this story' })

    const fine = await send(demo, { from: 'cara@fine.example', to: both })
    const soft = await send(demo, { from: 'dave@soft.example', to: both })
    const spam = await send(demo, { from: 'eve@fine.example', to: both, body: GTUBE })
    const linked = await send(demo, { from: 'fay@fine.example', to: both, body: 'See https://shop.example/offer' })
    const virus = await send(demo, { from: 'mal@fine.example', to: both, body: EICAR })
    for (const id of [fine, soft, linked]) await comesTo(admin, id, delivered)
    await comesTo(admin, spam, held)
    await comesTo(admin, virus, { ann: 'quarantined: virus', ben: 'quarantined: virus' })
    await done(ann, 'POST', `/quarantine/${spam}/ann@mailkeep.test/release`)
    await comesTo(admin, spam, { ...held, ann: 'delivered: spam' })
    await done(ben, 'PUT', '/accounts/ben@mailkeep.test/block-list/dave@soft.example')

    // Softer on what was held, harder on what SPF doubts.
    const weights = { GTUBE: 1, SPF_SOFTFAIL: 8 }
    const { result, progress } = await simulated(admin, { inspection: { weights } })
    expect(progress).toEqual({ done: 5, total: 5 })
    expect(result).toMatchObject({
      mails: 5,
      verdicts: 10,
      unchanged: 6,
      toHeld: 2,
      toDelivered: 2,
      toRefused: 0,
      unknown: 0,
      released: 1,
      reported: 1,
    })
    expect(result.recipients).toEqual([
      expect.objectContaining({ recipient: 'ann@mailkeep.test', toHeld: 1, toDelivered: 1, released: 1, reported: 0 }),
      expect.objectContaining({
        recipient: 'ben@mailkeep.test',
        toHeld: 1,
        toDelivered: 1,
        released: 0,
        reported: 1,
        examples: [soft, spam],
      }),
    ])

    // What was never asked of the DNS nobody knows: another list, another way to find policies.
    const asked = script.asked.length
    const lists = await simulated(admin, { inspection: { uriBlockLists: [{ zone: 'dbl.test', name: 'DBL' }] } })
    expect(lists.result).toMatchObject({ unknown: 2, unchanged: 8 })
    expect(lists.result.unknownWhy).toEqual([{ why: expect.stringContaining('DNS was not asked'), count: 2 }])
    const walk = await simulated(admin, { inspection: { authentication: { dmarc: 'tree-walk' } } })
    expect(walk.result.unknown).toBe(8)
    expect(script.asked).toHaveLength(asked)

    // What the edge recorded tells who would have been turned away; what it did not check nobody knows.
    await done(admin, 'PUT', '/policies/edge', {
      document: { exemptNetworks: [], checks: { senderDomain: 'off' } },
      reason: 'for this story',
    })
    const nameless = await send(demo, { from: 'gil@fine.example', to: both })
    await comesTo(admin, nameless, delivered)
    const infected = await send(demo, { from: 'mal@fine.example', to: [both[0]!], body: EICAR })
    await comesTo(admin, infected, { ann: 'quarantined: virus' })
    const turned = await simulated(admin, { edge: { checks: { reverseDns: 'reject' } } })
    expect(turned.result).toMatchObject({ mails: 7, verdicts: 13, unchanged: 10, toRefused: 3, unknown: 0 })
    expect(turned.result.recipients).toContainEqual(
      expect.objectContaining({ recipient: 'ann@mailkeep.test', toRefused: 2, examples: [nameless, infected] }),
    )
    const unchecked = await simulated(admin, { edge: { checks: { senderDomain: 'reject' } } })
    expect(unchecked.result).toMatchObject({ unchanged: 10, toRefused: 0, unknown: 3 })
    expect(unchecked.result.unknownWhy).toEqual([{ why: expect.stringContaining('skipped a check'), count: 3 }])

    // Nothing has changed by all that.
    await comesTo(admin, soft, delivered)
    expect(await done(admin, 'GET', '/policies/inspection')).toMatchObject({ version: 1 })

    // What can't be simulated is said, with its place.
    const wrong = await admin.ask('POST', '/policies/simulations', {
      changes: { inspection: { threshold: 'x' }, relay: {} },
    })
    expect(wrong.status).toBe(400)
    expect(JSON.stringify(wrong.body['problems'])).toContain('body.changes.inspection.threshold')
    expect((await ann.ask('POST', '/policies/simulations', { changes: {} })).status).toBe(403)
    const { items } = (await done(admin, 'GET', '/policies/simulations')) as unknown as { items: Simulation[] }
    expect(items).toHaveLength(5)

    // The same at the command line.
    const cli = (line: string) =>
      typed(line.split(' '), { cwd: demo.data, env: { MAILKEEP_DATA: demo.data, MAILKEEP_DNS_SERVERS: '127.0.0.1:1' } })
    const said = await cli('policy simulate inspection weights.GTUBE=1 --json')
    expect(said.json<Simulation>()).toMatchObject({ state: 'done', result: { toDelivered: 2, released: 1 } })
    expect((await cli('policy simulate inspection weights.SPF_SOFTFAIL=8')).stdout).toMatch(/Would be held\s+2 that/)
    expect(await cli('policy simulate inspection threshold=x')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('inspection.threshold'),
    })
  } finally {
    dns.close()
  }
}, 120_000)
