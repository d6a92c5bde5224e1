import { beforeAll, describe, expect, it } from 'vitest'
import { DAY, HOUR } from '#domain/kernel/instant'
import type { MailEvent } from '#domain/mail/events'
import { mailStream } from '#domain/mail/events'
import { installation } from '#test/dsl/api-installation'
import { mxListener, returnAddressesOf } from '#test/dsl/mx'
import { conversation } from '#test/dsl/smtp/conversation'
import { idIn } from '#test/dsl/story'

const here = installation()
const listen = mxListener(here)
const CARA = 'cara@outside.example'
const VERP = `bounce-${'x'.repeat(50)}=example.com@news.outside.example`
let address: string
let byMail: string

beforeAll(async () => {
  const addresses = returnAddressesOf(here)
  const forwarded = await here.api.mail([{ address: 'ann@one.test', mailbox: 'ann@one.test' }], { reversePath: VERP })
  address = await addresses.rewrite(forwarded, CARA, 'one.test')
  byMail = await addresses.rewrite(forwarded, VERP, 'one.test')
})

const from = (reversePath: string) =>
  `<- 220\n-> EHLO mail.outside.example\n<- 250\n-> MAIL FROM:<${reversePath}>\n<- 250`
const bounce = `
  -> DATA
  <- 354
  -> From: <mailer-daemon@outside.example>
  -> Subject: Undelivered
  -> 
  -> No such user.
  -> .
  <- 250 2.0.0 Ok:`
const accepted = async (id: string) => {
  const [first] = (await here.api.parts.events.readStream(mailStream(id))) as unknown as readonly MailEvent[]
  return first?.data
}

describe('a return address', () => {
  it('takes a bounce, which goes on to the sender once it is inspected', async () => {
    const { port, refused } = await listen()
    const { replies } = await conversation(port, `${from('')}\n-> RCPT TO:<${address}>\n<- 250 2.1.5${bounce}`)
    expect(await accepted(idIn(replies))).toMatchObject({
      flow: 'inbound',
      reversePath: null,
      recipients: [
        { address, mailbox: address.toLowerCase(), route: 'mailbox', forward: { to: [CARA], as: 'return' } },
      ],
    })
    expect(refused).toEqual([])
  })

  it('that names its mail leads to the sender of that mail, in whatever case it comes back', async () => {
    const { port } = await listen()
    const { replies } = await conversation(
      port,
      `${from('')}\n-> RCPT TO:<${byMail.toLowerCase()}>\n<- 250\n-> RCPT TO:<ann@one.test>\n<- 250${bounce}`,
    )
    expect(await accepted(idIn(replies))).toMatchObject({
      recipients: [{ forward: { to: [VERP] } }, { mailbox: 'ann@one.test' }],
    })
  })

  it('is for bounces alone: nobody writes to somebody through it', async () => {
    const { port, refused } = await listen()
    await conversation(
      port,
      `${from('spammer@outside.example')}\n-> RCPT TO:<${address}>\n<- 550 5.7.1 This address is for`,
    )
    expect(refused).toEqual(['rcpt return-not-bounce'])
  })

  it('that was not made here, or too long ago, leads nowhere', async () => {
    const { port, refused } = await listen()
    const forged = address.replace('=cara@', '=dora@')
    const elsewhere = address.replace('@one.test', '@two.test')
    await conversation(
      port,
      `${from('')}
      -> RCPT TO:<${forged}>
      <- 550 5.1.1 This return address was not made here
      -> RCPT TO:<${elsewhere}>
      <- 550 5.1.1 This return address was not made here
      -> RCPT TO:<SRS0=nothing@one.test>
      <- 550 5.1.1 This return address was not made here
      -> RCPT TO:<SRS1=aaaaaaaa=first.example==HHHH=TT=outside.example=cara@one.test>
      <- 550 5.1.1 This return address was not made here
      -> RCPT TO:<${address.replace('@one.test', '@elsewhere.example')}>
      <- 550 5.7.1 Relaying denied`,
    )
    here.api.clock.now += 22 * DAY
    await conversation(port, `${from('')}\n-> RCPT TO:<${address}>\n<- 550 5.7.1 This return address is too old`)
    here.api.clock.now -= 22 * DAY
    expect(refused).toEqual([
      ...Array.from({ length: 4 }, () => 'rcpt unknown-recipient'),
      'rcpt relay-denied',
      'rcpt unknown-recipient',
    ])
  })

  it('takes so many bounces in an hour as policy says', async () => {
    const document = { forwarding: { bouncesPerHour: 2 } }
    const set = { kind: 'set-policy', name: 'accounts', document, reason: 'spec' } as const
    await here.api.parts.commands.policy('accounts', set, here.api.asked())
    const { port, refused } = await listen()
    const rcpt = `-> RCPT TO:<${address}>`
    await conversation(port, `${from('')}\n${rcpt}\n<- 250\n${rcpt}\n<- 250\n${rcpt}\n<- 450 4.7.1 Too many bounces`)
    expect(refused).toEqual(['rcpt return-rate'])
    here.api.clock.now += HOUR
    await conversation(port, `${from('')}\n${rcpt}\n<- 250`)
  })

  it('of a sender who is hosted here by now leads into the mailbox', async () => {
    await here.api.domain('outside.example')
    await here.api.account(CARA)
    await here.api.settled()
    const { port } = await listen()
    const { replies } = await conversation(port, `${from('')}\n-> RCPT TO:<${address}>\n<- 250${bounce}`)
    expect(await accepted(idIn(replies))).toMatchObject({ recipients: [{ mailbox: CARA, route: 'mailbox' }] })
  })
})

it('an account of such a name gets its mail all the same', async () => {
  await here.api.account('srs0=me@two.test')
  await here.api.settled()
  const { port, refused } = await listen()
  await conversation(port, `${from('a@elsewhere.example')}\n-> RCPT TO:<SRS0=me@two.test>\n<- 250`)
  expect(refused).toEqual([])
})

describe('members of groups outside', () => {
  it('are forwarded to by their group, one for all of them, unless policy lets nothing go there', async () => {
    const { commands } = here.api.parts
    const members = ['uma@two.test', 'x@elsewhere.example', 'y@elsewhere.example']
    await commands.hostedDomain(
      'two.test',
      { kind: 'define-group', address: 'all@two.test', displayName: '', members, source: 'ldap' },
      here.api.asked(),
    )
    await commands.hostedDomain(
      'two.test',
      { kind: 'define-group', address: 'out@two.test', displayName: '', members: members.slice(1), source: 'ldap' },
      here.api.asked(),
    )
    await here.api.settled()
    const { port } = await listen()
    const { replies } = await conversation(
      port,
      `${from('a@elsewhere.example')}\n-> RCPT TO:<All@two.test>\n<- 250${bounce}`,
    )
    expect(await accepted(idIn(replies))).toMatchObject({
      recipients: [
        { address: 'All@two.test', mailbox: 'uma@two.test', route: 'mailbox' },
        { mailbox: 'all@two.test', route: 'mailbox', forward: { to: members.slice(1), as: 'group' } },
      ],
    })
    const document = { forwarding: { domains: { 'two.test': 'refuse' } } }
    await commands.policy(
      'accounts',
      { kind: 'set-policy', name: 'accounts', document, reason: 'spec' },
      here.api.asked(),
    )
    await conversation(
      port,
      `${from('a@elsewhere.example')}\n-> RCPT TO:<all@two.test>\n<- 250\n-> RCPT TO:<out@two.test>\n<- 550 5.1.1 No mailbox here`,
    )
  })
})
