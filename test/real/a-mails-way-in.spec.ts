import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { signIn, type HttpClient } from '#test/dsl/http-client'
import { SERVER_PASSWORD, startServer } from '#test/dsl/server'
import { temporaryFolder } from '#test/dsl/temporary'
import { EICAR } from '../contract/antivirus/mails.ts'
import { CLAM_EXE, startClamd } from './clamd.ts'
import { eventsOf, eventually, inbox, outcomes, setPolicy, subjects, trace } from './observations.ts'
import { swaks } from './swaks.ts'

const ANN = 'ann@mailkeep.test'
const BEN = 'ben@mailkeep.test'
const CARA = 'cara@outside.example'
const GTUBE = 'XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X'

const wirings = [
  { by: 'TCP', engine: 'clamd', at: 'address', scanner: 'clamd' },
  { by: 'a unix socket', engine: 'clamd', at: 'socket', scanner: 'clamd' },
  { by: 'TCP, and YARA-X beside it', engine: 'clamd,yara', at: 'address', scanner: 'clamd+yara-x' },
] as const

const alarmStates = async (admin: HttpClient): Promise<readonly string[]> =>
  ((await admin.ask('GET', '/alarms')).body['items'] as { id: string; state: string }[])
    .filter(({ id }) => id.startsWith('scanner-away:'))
    .map(({ id, state }) => `${id} ${state}`)

it.each(wirings)(
  'brings mail in past a clamd by $by that is killed and comes back',
  async ({ engine, at, scanner }) => {
    const clamd = await startClamd()
    onTestFinished(() => clamd.stop())
    const folder = await temporaryFolder()
    const settings = { MAILKEEP_ANTIVIRUS_ENGINE: engine, MAILKEEP_CLAMD_ADDRESS: clamd[at] }
    let server = await startServer(folder, settings)
    let admin = await signIn(server.http, 'admin@mailkeep.test', SERVER_PASSWORD)
    const ben = await signIn(server.http, BEN, SERVER_PASSWORD)
    await setPolicy(admin, 'inspection', { scan: { retryDelays: [1_000] } })

    // Any SMTP client sends one; it lies in ann's Maildir a moment later.
    const hello = await swaks(server.mx, { from: CARA, to: [ANN], subject: 'Hello', body: 'Hello Ann.' })
    await eventually(async () => expect(await subjects(server, 'ann')).toEqual(['Hello']))
    expect((await inbox(server, 'ann'))[0]).toMatch(
      /^Return-Path: <cara@outside\.example>\r\nReceived: from client\.outside\.example/,
    )
    expect(await eventsOf(admin, hello, 'ScanCleared')).toMatchObject([{ data: { scanner: { name: scanner } } }])

    // A virus is held for everyone; the event says which, and who found it.
    const file = join(folder, 'eicar.com')
    await writeFile(file, EICAR)
    const infected = await swaks(server.mx, {
      from: CARA,
      to: [ANN, BEN],
      subject: 'Invoice',
      body: 'See it.',
      attach: file,
    })
    await eventually(async () =>
      expect(await outcomes(admin, infected)).toEqual({ ann: 'quarantined: virus', ben: 'quarantined: virus' }),
    )
    const [virus] = await eventsOf(admin, infected, 'VirusDetected')
    expect(virus?.data).toMatchObject({
      viruses: expect.arrayContaining([expect.objectContaining({ name: 'Mailkeep.Eicar.UNOFFICIAL' })]) as unknown,
      scanner: {
        name: scanner,
        version: expect.stringMatching(/^\d+\.\d+\.\d+(\+|$)/) as unknown,
        database: expect.stringMatching(/^own(\+|$)/) as unknown,
      },
    })
    const asked = await ben.ask('POST', `/quarantine/${infected}/${BEN}/release`, {})
    expect(asked.status, 'a user asks for a virus').toBeGreaterThanOrEqual(400)

    // clamd dies. Mail is taken all the same, and waits.
    await clamd.kill()
    expect((await ben.ask('PUT', `/accounts/${BEN}/block-list/${CARA}`)).status).toBeLessThan(300)
    const waiting = await swaks(server.mx, { from: CARA, to: [ANN, BEN], subject: 'To both', body: 'Hello both.' })
    const program = await swaks(server.mx, { from: CARA, to: [ANN], subject: 'Game', body: 'Play.', attach: CLAM_EXE })
    await eventually(async () => {
      for (const id of [waiting, program]) expect((await eventsOf(admin, id, 'ScanDeferred')).length).toBeGreaterThan(1)
    })
    for (const { data, occurredAt } of await eventsOf(admin, waiting, 'ScanDeferred')) {
      expect(data).toMatchObject({ scanner, reason: expect.stringContaining('clamd') as unknown })
      expect(new Date(data['dueAt'] as string | number).getTime()).toBeGreaterThan(Date.parse(occurredAt))
    }
    await eventually(async () => expect(await alarmStates(admin)).toEqual([`scanner-away:${scanner} raised`]))
    await eventually(async () => expect(await subjects(server, 'admin')).toEqual([`Alarm: scanner-away (${scanner})`]))
    expect(await outcomes(admin, waiting)).toEqual({ ann: 'pending', ben: 'pending' })
    expect(await outcomes(admin, program)).toEqual({ ann: 'pending' })

    // Mailkeep is killed as well: when it is back it still knows, and says so to nobody again.
    await server.kill()
    server = await startServer(folder, settings)
    admin = await signIn(server.http, 'admin@mailkeep.test', SERVER_PASSWORD)
    const before = (await eventsOf(admin, waiting, 'ScanDeferred')).length
    await eventually(async () =>
      expect((await eventsOf(admin, waiting, 'ScanDeferred')).length).toBeGreaterThan(before + 5),
    )
    expect(await alarmStates(admin)).toEqual([`scanner-away:${scanner} raised`])
    expect(await subjects(server, 'ann')).toEqual(['Hello'])

    // It comes back: everything goes on by itself, once.
    await clamd.restart()
    await eventually(async () =>
      expect(await outcomes(admin, waiting)).toEqual({ ann: 'delivered', ben: 'quarantined: block-list' }),
    )
    await eventually(async () => expect(await outcomes(admin, program)).toEqual({ ann: 'quarantined: virus' }))
    expect((await eventsOf(admin, program, 'VirusDetected'))[0]?.data).toMatchObject({
      viruses: [{ name: 'Mailkeep.ClamExe.UNOFFICIAL' }],
    })
    await eventually(async () => expect(await alarmStates(admin)).toEqual([`scanner-away:${scanner} over`]))
    await eventually(async () =>
      expect(await subjects(server, 'admin')).toEqual([
        `Alarm: scanner-away (${scanner})`,
        `Over: scanner-away (${scanner})`,
      ]),
    )
    expect(await subjects(server, 'ann')).toEqual(['Hello', 'To both'])
    expect(await subjects(server, 'ben')).toEqual([])

    // Released it is scanned once more, arrives once, and the sender is trusted from then on.
    const again = await signIn(server.http, BEN, SERVER_PASSWORD)
    for (let turn = 0; turn < 2; turn++)
      expect(
        (await again.ask('POST', `/quarantine/${waiting}/${BEN}/release`, { trustSender: true })).status,
      ).toBeLessThan(300)
    await eventually(async () =>
      expect(await outcomes(admin, waiting)).toMatchObject({ ben: expect.stringMatching(/^delivered/) as unknown }),
    )
    expect(await eventsOf(admin, waiting, 'Released')).toMatchObject([
      { data: { by: BEN, scanner: { name: scanner } } },
    ])
    const trusted = await swaks(server.mx, { from: CARA, to: [ANN, BEN], subject: 'Offer', body: GTUBE })
    await eventually(async () =>
      expect(await outcomes(admin, trusted)).toEqual({ ann: 'quarantined: spam', ben: 'delivered' }),
    )
    expect((await trace(admin, trusted)).events.map(({ type }) => type)).toContain('Whitelisted')

    // A signature that came later stops what is asked for now.
    const phrase = 'a phrase that nobody knew to be a virus yet'
    const held = await swaks(server.mx, {
      from: 'dave@outside.example',
      to: [ANN],
      subject: 'News',
      body: `${GTUBE}\\n${phrase}`,
    })
    await eventually(async () => expect(await outcomes(admin, held)).toEqual({ ann: 'quarantined: spam' }))
    await clamd.learn('Mailkeep.Later', Buffer.from(phrase))
    const ann = await signIn(server.http, ANN, SERVER_PASSWORD)
    await ann.ask('POST', `/quarantine/${held}/${ANN}/release`, {})
    await eventually(async () => expect(await outcomes(admin, held)).toEqual({ ann: 'quarantined: virus' }))
    expect(await eventsOf(admin, held, 'ReleaseRefused')).toHaveLength(1)

    expect(await subjects(server, 'ann')).toEqual(['Hello', 'To both'])
    expect(await subjects(server, 'ben')).toEqual(['Offer', 'To both'])
    expect(await server.stop()).toBe(0)
  },
)
