import { expect, it } from 'vitest'
import type { Replay } from '#apps/inspector/replay'
import { mailkeep as typed } from '#test/dsl/command-line'
import { scriptedDns } from '#test/dsl/dns'
import { dnsServer } from '#test/dsl/dns-server'
import { startDemo, type Demo } from '#test/dsl/mailkeep'
import { as, comesTo, done, EICAR, GTUBE, send } from '#test/dsl/story'

interface Traced {
  readonly replay: Replay & { readonly problem: string | null }
}

const replayed = async ({ data }: Demo, mail: string): Promise<Traced['replay']> => {
  const outcome = await typed(['mail', 'trace', mail, '--replay', '--json'], {
    cwd: data,
    env: { MAILKEEP_DATA: data, MAILKEEP_DNS_SERVERS: '127.0.0.1:1' },
  })
  return outcome.json<Traced>().replay
}

it('a verdict is made again from the evidence alone, whatever the world and the policy have become since', async () => {
  const script = scriptedDns({
    'fine.example': { TXT: [['v=spf1 ip4:127.0.0.1 -all']], MX: [{ exchange: 'mx.fine.example', priority: 1 }] },
    'strict.example': { TXT: [['v=spf1 -all']] },
    '_dmarc.strict.example': { TXT: [['v=DMARC1; p=reject']] },
    'shaky.example': 'servfail',
    'test.dbl.lists': { A: ['127.0.0.2'] },
    'bad.example.dbl.lists': { A: ['127.0.1.2'], TXT: [['listed']] },
  })
  const dns = await dnsServer(script)
  try {
    const demo = await startDemo({ MAILKEEP_DNS_SERVERS: dns.address })
    const [ann, admin] = [await as(demo, 'ann'), await as(demo, 'admin')]
    const policy = (name: string, document: object) =>
      done(admin, 'PUT', `/policies/${name}`, { document, reason: 'for this story' })
    const both = ['ann@mailkeep.test', 'ben@mailkeep.test']
    await policy('inspection', { uriBlockLists: [{ zone: 'dbl.lists', name: 'DBL', weight: 6 }], threshold: 5 })
    await done(ann, 'PUT', '/accounts/ann@mailkeep.test/allow-list/cara@fine.example')
    await done(admin, 'PUT', '/domains/mailkeep.test/block-list/.spam.example')

    const delivered = { ann: 'delivered', ben: 'delivered' }
    const held = { ann: 'quarantined: spam', ben: 'quarantined: spam' }
    const link = 'See http://www.bad.example/offer'
    const mails = [
      [{ from: 'dave@fine.example' }, delivered],
      [{ from: 'dave@fine.example', body: link }, held],
      [
        { from: 'cara@fine.example', body: GTUBE },
        { ...delivered, ben: held.ben },
      ],
      [{ from: 'boss@strict.example' }, held],
      [{ from: 'eve@shaky.example' }, delivered],
      [{ from: 'x@spam.example' }, { ann: 'quarantined: block-list', ben: 'quarantined: block-list' }],
    ] as const
    const ids: string[] = []
    for (const [mail, outcome] of mails) {
      const id = await send(demo, { to: both, ...mail })
      await comesTo(admin, id, outcome)
      ids.push(id)
    }
    const [, linked = ''] = ids
    expect((await comesTo(admin, linked, held)).recipients[0]?.symbols).toContainEqual({
      name: 'URIBL_DBL',
      weight: 6,
      description: expect.stringContaining('list of bad ones'),
    })
    const virus = await send(demo, { to: both, body: EICAR })
    await comesTo(admin, virus, { ann: 'quarantined: virus', ben: 'quarantined: virus' })

    const allTheSame = async (authentication: Replay['authentication']) => {
      for (const id of ids)
        expect(await replayed(demo, id)).toMatchObject({
          same: true,
          authentication,
          differences: [],
          problem: null,
        })
    }
    await allTheSame('recomputed')
    expect(await replayed(demo, virus)).toMatchObject({ same: null, problem: expect.stringContaining('virus') })

    // Other lists, other policy, another world, and at last the bytes are gone.
    await policy('inspection', { threshold: 1, weights: { SPF_PASS: 9 }, authentication: { dmarc: 'tree-walk' } })
    await done(ann, 'DELETE', '/accounts/ann@mailkeep.test/allow-list/cara@fine.example')
    await done(admin, 'PATCH', '/domains/mailkeep.test', { threshold: 2, allowListGuard: false })
    for (const name of ['fine.example', 'strict.example', 'bad.example.dbl.lists']) script.set(name, 'nxdomain')
    await allTheSame('recomputed')
    const asked = script.asked.length
    for (const id of ids) {
      const { contentHash } = (await done(admin, 'GET', `/mails/${id}`)) as unknown as { contentHash: string }
      expect(await demo.foundation.content.drop(contentHash, Date.now() + 60_000)).toBe(true)
    }
    await allTheSame('content-gone')
    expect(script.asked).toHaveLength(asked)
  } finally {
    dns.close()
  }
}, 120_000)
