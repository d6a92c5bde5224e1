import { expect, it } from 'vitest'
import { scriptedDns } from '#test/dsl/dns'
import { dnsServer } from '#test/dsl/dns-server'
import { startDemo } from '#test/dsl/mailkeep'
import { as, comesTo, done, GTUBE, send, types } from '#test/dsl/story'

/** What the allow list would let through unseen and nothing else. */
const spam = { body: GTUBE }

it('goes by the lists of the recipient, then of the domain, unless the sender is not who the entry means', async () => {
  const dns = await dnsServer(
    scriptedDns({
      'strict.example': { TXT: [['v=spf1 -all']] },
      '_dmarc.strict.example': { TXT: [['v=DMARC1; p=reject']] },
      'outside.example': { TXT: [['v=spf1 ip4:127.0.0.1 -all']] },
      'mailkeep.test': { TXT: [['v=spf1 -all']] },
    }),
  )
  try {
    const demo = await startDemo({ MAILKEEP_DNS_SERVERS: dns.address })
    const [ann, ben, admin] = [await as(demo, 'ann'), await as(demo, 'ben'), await as(demo, 'admin')]
    const anns = '/accounts/ann@mailkeep.test'
    const both = ['ann@mailkeep.test', 'ben@mailkeep.test']

    // A sender on ann's allow list is not judged as spam, for her alone.
    await done(ann, 'PUT', `${anns}/allow-list/cara@outside.example`)
    const listed = await comesTo(admin, await send(demo, { to: both, ...spam }), {
      ann: 'delivered',
      ben: 'quarantined: spam',
    })
    expect(types(listed)).toContain('Whitelisted')

    // Who fails the DMARC policy of the domain they claim is not that sender.
    await done(ann, 'PUT', `${anns}/allow-list/boss@strict.example`)
    const forged = { from: 'boss@strict.example', to: ['ann@mailkeep.test'] }
    const failing = await comesTo(admin, await send(demo, forged), { ann: 'quarantined: spam' })
    expect(types(failing)).not.toContain('Whitelisted')
    expect(failing.recipients[0]!.symbols.map(({ name }) => name)).toContain('DMARC_REJECT')

    // An allow entry that does not count hides no block entry.
    await done(ann, 'PUT', `${anns}/block-list/@strict.example`)
    await comesTo(admin, await send(demo, forged), { ann: 'quarantined: block-list' })
    await done(ann, 'DELETE', `${anns}/block-list/@strict.example`)

    // Nor is a stranger who claims to be one of us.
    await done(ann, 'PUT', `${anns}/allow-list/ben@mailkeep.test`)
    const posing = await send(demo, { headerFrom: 'ben@mailkeep.test', to: ['ann@mailkeep.test'], ...spam })
    expect(types(await comesTo(admin, posing, { ann: 'quarantined: spam' }))).not.toContain('Whitelisted')

    // The administrator of the domain can switch that guard off.
    expect((await ann.ask('PATCH', '/domains/mailkeep.test', { allowListGuard: false })).status).toBe(403)
    await done(admin, 'PATCH', '/domains/mailkeep.test', { allowListGuard: false })
    await comesTo(admin, await send(demo, forged), { ann: 'delivered' })
    await done(admin, 'PATCH', '/domains/mailkeep.test', { allowListGuard: true })

    // The domain's lists are its administrator's, and stand behind each user's own.
    expect((await ann.ask('PUT', '/domains/mailkeep.test/block-list/.bad.example')).status).toBe(403)
    await done(admin, 'PUT', '/domains/mailkeep.test/block-list/.bad.example')
    await done(ann, 'PUT', `${anns}/allow-list/@sub.bad.example`)
    const domainwide = await comesTo(admin, await send(demo, { from: 'a@sub.bad.example', to: both }), {
      ann: 'delivered',
      ben: 'quarantined: block-list',
    })
    expect(domainwide.events.find(({ type }) => type === 'Blacklisted')?.data).toMatchObject({
      recipient: 'ben@mailkeep.test',
      entry: '.bad.example',
      list: '@mailkeep.test',
    })

    // The more specific entry wins, whatever list it is on; `.domain` takes its subdomains, `@domain` does not.
    await done(ben, 'PUT', '/accounts/ben@mailkeep.test/allow-list/.mixed.example')
    await done(ben, 'PUT', '/accounts/ben@mailkeep.test/block-list/@news.mixed.example')
    await done(ben, 'PUT', '/accounts/ben@mailkeep.test/allow-list/editor@news.mixed.example')
    for (const [from, state] of [
      ['any@mixed.example', 'delivered'],
      ['any@deep.er.mixed.example', 'delivered'],
      ['any@news.mixed.example', 'quarantined: block-list'],
      ['editor@news.mixed.example', 'delivered'],
      ['any@sub.news.mixed.example', 'delivered'],
    ] as const)
      await comesTo(admin, await send(demo, { from, to: ['ben@mailkeep.test'] }), { ben: state })

    // One name in both its forms.
    await done(ben, 'PUT', `/accounts/ben@mailkeep.test/block-list/${encodeURIComponent('@bücher.example')}`)
    const utf8 = { from: 'post@bücher.example', to: ['ben@mailkeep.test'], smtputf8: true }
    await comesTo(admin, await send(demo, utf8), { ben: 'quarantined: block-list' })
    await comesTo(admin, await send(demo, { from: 'post@xn--bcher-kva.example', to: ['ben@mailkeep.test'] }), {
      ben: 'quarantined: block-list',
    })

    // Put on one list, it is off the other.
    await done(ben, 'PUT', '/accounts/ben@mailkeep.test/block-list/cara@outside.example')
    await done(ben, 'PUT', '/accounts/ben@mailkeep.test/allow-list/cara@outside.example')
    const blocked = await done(ben, 'GET', '/accounts/ben@mailkeep.test/block-list')
    expect(JSON.stringify(blocked)).not.toContain('cara@outside.example')

    // Mail for the postmaster gets through, whoever else it is for, and in whatever order they are named.
    for (const to of [
      ['postmaster@mailkeep.test', 'ann+x@mailkeep.test', 'admin@mailkeep.test'],
      ['admin@mailkeep.test', 'ann+x@mailkeep.test', 'Postmaster@mailkeep.test'],
    ])
      await comesTo(admin, await send(demo, { from: 'dave@outside.example', to, ...spam }), {
        admin: 'delivered',
        ann: 'quarantined: spam',
      })
  } finally {
    dns.close()
  }
}, 120_000)
