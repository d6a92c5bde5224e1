import { generateKeyPairSync } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createTransport } from 'nodemailer'
import { expect, it, onTestFinished } from 'vitest'
import { signIn } from '#test/dsl/http-client'
import { SERVER_PASSWORD, startServer } from '#test/dsl/server'
import { temporaryFolder } from '#test/dsl/temporary'
import { startDns } from './dns.ts'
import { eventsOf, eventually, inbox, outcomes, setPolicy, trace } from './observations.ts'
import { swaks } from './swaks.ts'

const ANN = 'ann@mailkeep.test'
const keys = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'der' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
})
// longer than the 255 bytes one string of a TXT record holds
const keyRecord = ['v=DKIM1; k=rsa; p=', ...(keys.publicKey.toString('base64').match(/.{1,200}/g) ?? [])]
  .map((part) => `"${part}"`)
  .join(' ')

const zones = {
  'real.test': ['ns A 127.0.0.1', 'mx1 A 127.0.0.1', 'mx2 A 127.0.0.99', 'client A 127.0.0.1', 'nullmx MX 0 .'],
  '127.in-addr.arpa': ['1.0.0 PTR mx1.real.test.', '2.0.0 PTR mx2.real.test.', '3.0.0 CNAME ptr.servfail.test.'],
  'sender.test': [
    '@ MX 10 mx',
    'mx A 127.0.0.1',
    '@ TXT "v=spf1 ip4:127.0.0.1 -all"',
    '_dmarc TXT "v=DMARC1; p=reject"',
    `key._domainkey TXT ${keyRecord}`,
  ],
  'strict.test': [
    '@ TXT "v=spf1 ip4:192.0.2.1 -all"',
    '_dmarc TXT "v=DMARC1; p=reject"',
    `key._domainkey TXT ${keyRecord}`,
    'away._domainkey CNAME key.servfail.test.',
  ],
}

const letter = (from: string, subject: string) => ({
  from,
  to: ANN,
  subject,
  text: `Dear Ann,\n\nthe minutes of Tuesday's meeting are on the server now.\n\nKind regards\n`,
})

/** A mail by nodemailer, signed by it when a selector is given: a second implementation beside the one that verifies. */
const composed = async (
  mail: ReturnType<typeof letter> & { headers?: Record<string, string> },
  selector?: string,
): Promise<string> => {
  const transport = createTransport({ streamTransport: true, buffer: true, newline: 'windows' })
  const dkim = {
    domainName: mail.from.slice(mail.from.indexOf('@') + 1),
    keySelector: selector ?? '',
    privateKey: keys.privateKey,
  }
  const { message } = await transport.sendMail({ ...mail, ...(selector === undefined ? {} : { dkim }) })
  return message.toString()
}

const unfolded = (mail: string): string => mail.replaceAll(/\r\n[ \t]+/g, ' ')
const fieldsOf = (mail: string, name: string): readonly string[] =>
  unfolded(mail.slice(0, mail.indexOf('\r\n\r\n')))
    .split('\r\n')
    .filter((line) => line.startsWith(`${name}: `))

const world = async () => {
  const dns = await startDns(zones)
  onTestFinished(() => dns.stop())
  const folder = await temporaryFolder()
  const server = await startServer(folder, { MAILKEEP_DNS_SERVERS: dns.address })
  const admin = await signIn(server.http, 'admin@mailkeep.test', SERVER_PASSWORD)
  let files = 0
  const send = async (from: string, message: string): Promise<string> => {
    const file = join(folder, `mail-${files++}.eml`)
    await writeFile(file, message)
    return swaks(server.mx, { from, to: [ANN], message: file })
  }
  const arrived = async (id: string): Promise<string> => {
    await eventually(async () => expect(await outcomes(admin, id)).toEqual({ ann: 'delivered' }))
    return (await inbox(server, 'ann')).find((mail) => unfolded(mail).includes(` id ${id} `)) ?? ''
  }
  const symbols = async (id: string): Promise<readonly string[]> =>
    (await trace(admin, id)).recipients.flatMap((recipient) => recipient.symbols.map(({ name }) => name))
  return { server, admin, send, arrived, symbols }
}

it('says at delivery what a real DNS says of the sender', async () => {
  const { send, arrived, symbols } = await world()
  const forged = { 'Authentication-Results': 'mx.mailkeep.test; spf=pass; dmarc=pass', 'X-Spam-Score': '-10.0' }

  const passes = await send(
    'cara@sender.test',
    await composed({ ...letter('cara@sender.test', 'Minutes'), headers: forged }, 'key'),
  )
  const delivered = await arrived(passes)
  const [results, ...more] = fieldsOf(delivered, 'Authentication-Results')
  expect(more).toEqual([])
  expect(results).toMatch(/^Authentication-Results: mx\.mailkeep\.test; spf=pass smtp\.mailfrom=sender\.test;/)
  expect(results).toContain('dkim=pass header.d=sender.test header.s=key')
  expect(results).toContain('dmarc=pass header.from=sender.test')
  expect(fieldsOf(delivered, 'X-Spam-Score')).toHaveLength(1)
  expect(fieldsOf(delivered, 'X-Spam-Status')).toEqual([
    expect.stringMatching(/^X-Spam-Status: No, .*tests=(?=.*SPF_PASS)(?=.*DKIM_PASS)(?=.*DMARC_PASS)/),
  ])
  expect(await symbols(passes)).toEqual(expect.arrayContaining(['SPF_PASS', 'DKIM_PASS', 'DMARC_PASS']))

  // DKIM alone saves a mail that came through a server its domain doesn't name.
  const relayed = await arrived(
    await send('cara@strict.test', await composed(letter('cara@strict.test', 'By a relay'), 'key')),
  )
  expect(fieldsOf(relayed, 'Authentication-Results')[0]).toMatch(/spf=fail .*dkim=pass .*dmarc=pass/)
})

it('holds as spam what fails the DMARC policy its From domain publishes', async () => {
  const { admin, send, symbols } = await world()
  const held = async (id: string): Promise<readonly string[]> => {
    await eventually(async () => expect(await outcomes(admin, id)).toEqual({ ann: 'quarantined: spam' }))
    return symbols(id)
  }
  const bare = await send('cara@strict.test', await composed(letter('cara@strict.test', 'Not from there')))
  expect(await held(bare)).toEqual(expect.arrayContaining(['SPF_FAIL', 'DMARC_REJECT']))
  // its own envelope passes SPF, but that is not who it shows
  const other = await send('mallory@sender.test', await composed(letter('cara@strict.test', 'Somebody else')))
  expect(await held(other)).toEqual(expect.arrayContaining(['SPF_PASS', 'DMARC_REJECT']))
  const signed = await composed(letter('cara@strict.test', 'Changed'), 'key')
  const changed = await send('cara@strict.test', signed.replace('Tuesday', 'Wednesday'))
  expect(await held(changed)).toEqual(expect.arrayContaining(['DKIM_FAIL', 'DMARC_REJECT']))
})

it('judges nobody by a DNS that fails: temperror is never spam by itself', async () => {
  const { send, arrived, symbols } = await world()
  for (const domain of ['shaky.servfail.test', 'silent.drop.test']) {
    const id = await send(`cara@${domain}`, await composed(letter(`cara@${domain}`, `From ${domain}`), 'key'))
    expect(fieldsOf(await arrived(id), 'Authentication-Results')[0]).toMatch(
      /spf=temperror .*dkim=temperror .*dmarc=temperror/,
    )
    expect(await symbols(id)).toEqual(expect.arrayContaining(['SPF_TEMPERROR', 'DKIM_TEMPERROR', 'DMARC_TEMPERROR']))
  }
  // The policy says reject, but the key that could save the mail can't be had now.
  const keyless = await send('cara@strict.test', await composed(letter('cara@strict.test', 'Key away'), 'away'))
  expect(fieldsOf(await arrived(keyless), 'Authentication-Results')[0]).toMatch(/dkim=temperror .*dmarc=temperror/)
})

/** A client of the Internet, for whom no check is left out. */
const fromOutside = async (checks: object = {}) => {
  const { server, admin } = await world()
  await setPolicy(admin, 'edge', { exemptNetworks: [], checks })
  const send = async (own: { clientAddress?: string; helo?: string; from?: string }) => {
    const id = await swaks(server.mx, { from: 'cara@sender.test', to: [ANN], helo: 'client.real.test', ...own })
    const found = (await eventsOf(admin, id, 'Accepted'))[0]?.data['checks'] as { check: string; result: string }[]
    const results = Object.fromEntries(found.map(({ check, result }) => [check, result]))
    return { client: (await trace(admin, id)).client, results }
  }
  return { server, admin, send }
}

it('knows a client by its forward-confirmed name', async () => {
  const { server, send } = await fromOutside()
  const confirmed = await send({ clientAddress: '127.0.0.1' })
  expect(confirmed.client).toMatchObject({ address: '127.0.0.1', name: 'mx1.real.test' })
  expect(confirmed.results).toEqual({
    'early-talker': 'pass',
    'reverse-dns': 'pass',
    'helo-resolves': 'pass',
    'sender-domain': 'pass',
  })
  await eventually(async () =>
    expect((await inbox(server, 'ann')).map((mail) => fieldsOf(mail, 'Received')[0])).toEqual([
      expect.stringContaining('Received: from client.real.test (mx1.real.test [127.0.0.1]) by mx.mailkeep.test'),
    ]),
  )
  // Who claims a name that isn't theirs, and whose name can't be looked up, have none; by default all that is only recorded.
  const liar = await send({ clientAddress: '127.0.0.2', helo: 'gone.real.test', from: 'cara@gone.real.test' })
  expect(liar.client.name).toBeNull()
  expect(liar.results).toMatchObject({ 'reverse-dns': 'fail', 'helo-resolves': 'fail', 'sender-domain': 'fail' })
  const unknown = await send({ clientAddress: '127.0.0.3', helo: 'a.servfail.test', from: 'cara@b.servfail.test' })
  expect(unknown.client.name).toBeNull()
  expect(unknown.results).toMatchObject({
    'reverse-dns': 'temperror',
    'helo-resolves': 'temperror',
    'sender-domain': 'temperror',
  })
})

it('turns away by policy who fails such a check, and nobody whose answer does not come', async () => {
  const { admin, send } = await fromOutside({ reverseDns: 'reject', heloResolves: 'reject', senderDomain: 'reject' })
  await expect(send({ clientAddress: '127.0.0.2' })).rejects.toThrow('550 5.7.25')
  await expect(send({ helo: 'gone.real.test' })).rejects.toThrow('550 5.7.1')
  await expect(send({ from: 'cara@gone.real.test' })).rejects.toThrow('550 5.1.8')
  await expect(send({ from: 'cara@nullmx.real.test' })).rejects.toThrow('550 5.1.8')
  await send({})
  await send({ clientAddress: '127.0.0.3', helo: 'a.servfail.test', from: 'cara@b.servfail.test' })
  await eventually(async () => {
    const refusals = (await admin.ask('GET', '/refusals')).body['items'] as { check: string }[]
    expect(new Set(refusals.map(({ check }) => check))).toEqual(
      new Set(['reverse-dns', 'helo-resolves', 'sender-domain']),
    )
  })
})
