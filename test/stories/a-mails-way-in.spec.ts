import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { startEventStore } from '#test/dsl/eventstore-double/start'
import { conversation } from '#test/dsl/smtp/conversation'
import { eventStoreSettings, PASSWORD, startDemo } from '#test/dsl/mailkeep'

const EICAR = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$', 'EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join('')

type Demo = Awaited<ReturnType<typeof startDemo>>

const inbox = async ({ data }: Demo, local: string): Promise<string[]> => {
  const folder = join(data, 'mailboxes', 'mailkeep.test', local, 'new')
  if (!existsSync(folder)) return []
  return Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name), 'latin1')))
}

const signedIn = async (demo: Demo, address: string) => {
  const base = `http://127.0.0.1:${demo.port('http')}/api/v1`
  const session = await fetch(`${base}/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ address, password: PASSWORD }),
  })
  const { token } = (await session.json()) as { token: string }
  return async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${base}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return {
      status: response.status,
      body: (text === '' ? null : JSON.parse(text)) as Record<string, unknown>,
      position: response.headers.get('mailkeep-position'),
    }
  }
}

const idIn = ({ replies }: { replies: readonly string[] }): string =>
  /250 2\.0\.0 Ok: (\w+)/.exec(replies.join('\n'))?.[1] ?? ''

/** One mail in one conversation; answers its id. */
const send = async (
  demo: Demo,
  {
    from = 'cara@outside.example',
    to,
    subject,
    body,
  }: { from?: string; to: readonly string[]; subject: string; body: string },
): Promise<string> =>
  idIn(
    await conversation(
      demo.port('mx'),
      [
        '<- 220',
        '-> EHLO client.outside.example',
        '<- 250',
        `-> MAIL FROM:<${from}>`,
        '<- 250',
        ...to.flatMap((address) => [`-> RCPT TO:<${address}>`, '<- 250']),
        '-> DATA',
        '<- 354',
        `-> From: <${from}>`,
        '-> To: undisclosed:;',
        `-> Subject: ${subject}`,
        `-> Date: ${new Date().toUTCString().replace('GMT', '+0000')}`,
        `-> Message-ID: <${subject.replaceAll(' ', '.')}@outside.example>`,
        '-> ',
        ...body.split('\n').map((line) => `-> ${line}`),
        '-> .',
        '<- 250 2.0.0 Ok:',
        '-> QUIT',
        '<- 221',
      ].join('\n'),
    ),
  )

const trace = async (ask: Awaited<ReturnType<typeof signedIn>>, id: string) => {
  const { body } = await ask('GET', `/mails/${id}`)
  return body as unknown as {
    recipients: { mailbox: string; state: string; reason: string | null }[]
    events: { type: string }[]
  }
}
const outcomes = async (ask: Awaited<ReturnType<typeof signedIn>>, id: string) =>
  Object.fromEntries(
    (await trace(ask, id)).recipients.map(({ mailbox, state, reason }) => [
      mailbox.split('@')[0],
      reason === null ? state : `${state}: ${reason}`,
    ]),
  )

const engines = {
  SQLite: async () => ({}),
  EventStoreDB: async () => {
    const server = await startEventStore()
    onTestFinished(() => server.close())
    return eventStoreSettings(server)
  },
} satisfies Record<string, () => Promise<Record<string, string>>>

it.each(['SQLite', 'EventStoreDB'] as const)(
  'brings a mail from a socket to the mailbox, holds what is blocked or infected, and gives it back: log on %s',
  async (engine) => {
    const demo = await startDemo(await engines[engine]())
    const mx = demo.port('mx')
    const [ben, admin] = [await signedIn(demo, 'ben@mailkeep.test'), await signedIn(demo, 'admin@mailkeep.test')]

    const first = await conversation(
      mx,
      `
    <- 220 mx.mailkeep.test ESMTP
    -> EHLO client.outside.example
    <- 250
    -> MAIL FROM:<cara@outside.example>
    <- 250
    -> RCPT TO:<Ann+news@mailkeep.test>
    <- 250
    -> RCPT TO:<nobody@mailkeep.test>
    <- 550 5.1.1
    -> RCPT TO:<someone@elsewhere.example>
    <- 550 5.7.1
    -> DATA
    <- 354
    -> From: Cara <cara@outside.example>
    -> To: ann@mailkeep.test
    -> Subject: Hello
    -> Date: ${new Date().toUTCString().replace('GMT', '+0000')}
    -> Message-ID: <one@outside.example>
    -> 
    -> Hello Ann.
    -> .
    <- 250 2.0.0 Ok:
    -> QUIT
    <- 221
    `,
    )
    await vi.waitFor(async () => expect(await inbox(demo, 'ann')).toHaveLength(1), 10_000)
    const [arrived] = await inbox(demo, 'ann')
    expect(arrived).toContain('\r\nHello Ann.\r\n')
    expect(arrived).toMatch(/^Return-Path: <cara@outside\.example>\r\nReceived: from client\.outside\.example/)
    expect(arrived!.replaceAll(/\r\n\s/g, ' ')).toContain(`id ${idIn(first)} for <Ann+news@mailkeep.test>`)

    // The archive and the mailbox host have it in whichever order.
    const traced = await vi.waitFor(async () => {
      const found = await trace(admin, idIn(first))
      expect(found.events.map(({ type }) => type).toSorted()).toEqual([
        'Accepted',
        'Archived',
        'Authenticated',
        'Cleared',
        'Delivered',
        'ScanCleared',
        'Scored',
      ])
      return found
    }, 10_000)
    expect(traced).toMatchObject({
      id: idIn(first),
      flow: 'inbound',
      reversePath: 'cara@outside.example',
      headerFrom: 'cara@outside.example',
      subject: 'Hello',
      recipients: [
        {
          address: 'Ann+news@mailkeep.test',
          mailbox: 'ann@mailkeep.test',
          state: 'delivered',
          reason: null,
          archived: true,
        },
      ],
    })
    expect(traced.events.map(({ type }) => type).slice(0, 5)).toEqual([
      'Accepted',
      'ScanCleared',
      'Authenticated',
      'Scored',
      'Cleared',
    ])

    // A virus is held for everyone, and no user can have it.
    const infected = await send(demo, {
      to: ['ann@mailkeep.test', 'ben@mailkeep.test'],
      subject: 'Invoice',
      body: EICAR,
    })
    await vi.waitFor(
      async () =>
        expect(await outcomes(admin, infected)).toEqual({ ann: 'quarantined: virus', ben: 'quarantined: virus' }),
      10_000,
    )
    expect((await ben('POST', `/quarantine/${infected}/ben@mailkeep.test/release`, {})).status).toBeGreaterThanOrEqual(
      400,
    )

    // One mail: held for ben, who blocked the sender, delivered to ann.
    expect((await ben('PUT', '/accounts/ben@mailkeep.test/block-list/cara@outside.example')).status).toBeLessThan(300)
    const split = await send(demo, {
      to: ['ann@mailkeep.test', 'ben@mailkeep.test'],
      subject: 'To both',
      body: 'Hello both.',
    })
    await vi.waitFor(
      async () => expect(await outcomes(admin, split)).toEqual({ ann: 'delivered', ben: 'quarantined: block-list' }),
      10_000,
    )
    expect(await inbox(demo, 'ann')).toHaveLength(2)
    expect(await inbox(demo, 'ben')).toHaveLength(0)

    // Released with trust it arrives once, and the sender is trusted from then on.
    // The list is a view: it may be a moment behind the mail's own events.
    await vi.waitFor(async () => {
      const held = await ben('GET', '/quarantine')
      expect((held.body['items'] as { mail: string }[]).map(({ mail }) => mail)).toContain(split)
    }, 5_000)
    for (let turn = 0; turn < 2; turn++)
      expect(
        (await ben('POST', `/quarantine/${split}/ben@mailkeep.test/release`, { trustSender: true })).status,
      ).toBeLessThan(300)
    await vi.waitFor(
      async () => expect(await outcomes(admin, split)).toMatchObject({ ben: expect.stringContaining('delivered') }),
      10_000,
    )
    expect(await inbox(demo, 'ben')).toHaveLength(1)
    const trusted = await send(demo, {
      to: ['ben@mailkeep.test'],
      subject: 'XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X',
      body: 'Again.',
    })
    await vi.waitFor(async () => expect(await outcomes(admin, trusted)).toEqual({ ben: 'delivered' }), 10_000)
    expect((await trace(admin, trusted)).events.map(({ type }) => type)).toContain('Whitelisted')
    expect(await inbox(demo, 'ben')).toHaveLength(2)

    // For anyone else the same is spam.
    const spam = await send(demo, {
      from: 'dave@outside.example',
      to: ['ann@mailkeep.test'],
      subject: 'x',
      body: 'XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X',
    })
    await vi.waitFor(async () => expect(await outcomes(admin, spam)).toEqual({ ann: 'quarantined: spam' }), 10_000)

    // What was turned away can be found.
    await vi.waitFor(async () => {
      const refusals = await admin('GET', '/refusals')
      expect((refusals.body['items'] as { check: string }[]).map(({ check }) => check).toSorted()).toEqual([
        'relay-denied',
        'unknown-recipient',
      ])
    }, 5_000)
  },
  60_000,
)
