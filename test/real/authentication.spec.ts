import { generateKeyPairSync } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sealMessage } from 'mailauth'
import { createTransport } from 'nodemailer'
import { expect, it, onTestFinished } from 'vitest'
import { signIn } from '#test/dsl/http-client'
import { runMailkeep, SERVER_PASSWORD, startServer } from '#test/dsl/server'
import { temporaryFolder } from '#test/dsl/temporary'
import { startDns } from './dns.ts'
import { authresOf } from './authres.ts'
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
  // More than fits into a packet: whoever asks must ask again over TCP.
  'long.test': [
    `@ TXT ${['v=spf1 ', ...Array.from({ length: 90 }, (_, at) => `ip4:198.51.100.${at} `), 'ip4:127.0.0.0/8 -all']
      .map((part) => `"${part}"`)
      .join(' ')}`,
    '_dmarc TXT "v=DMARC1; p=reject"',
  ],
  'list.test': ['@ TXT "v=spf1 ip4:127.0.0.4 -all"', `seal._domainkey TXT ${keyRecord}`],
  'dbl.test': ['test A 127.0.0.2', 'bad.example A 127.0.1.2', 'bad.example TXT "listed"'],
  'sold.test': ['* A 127.0.0.2'],
  'shy.test': ['* A 127.255.255.254'],
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
  const send = async (from: string, message: string, clientAddress = '127.0.0.1'): Promise<string> => {
    const file = join(folder, `mail-${files++}.eml`)
    await writeFile(file, message)
    return swaks(server.mx, { from, to: [ANN], message: file, clientAddress })
  }
  const arrived = async (id: string): Promise<string> => {
    await eventually(async () => expect(await outcomes(admin, id)).toEqual({ ann: 'delivered' }))
    return (await inbox(server, 'ann')).find((mail) => unfolded(mail).includes(` id ${id} `)) ?? ''
  }
  const symbols = async (id: string): Promise<readonly string[]> =>
    (await trace(admin, id)).recipients.flatMap((recipient) => recipient.symbols.map(({ name }) => name))
  /** Held for its score; answers its symbols. */
  const held = async (id: string): Promise<readonly string[]> => {
    await eventually(async () => expect(await outcomes(admin, id)).toEqual({ ann: 'quarantined: spam' }))
    return symbols(id)
  }
  /** `the same` of `mailkeep mail trace <id> --replay`, or what it said instead. */
  const replayed = async (id: string): Promise<string> => {
    const { code, output } = await runMailkeep(['mail', 'trace', id, '--replay'], folder)
    return code === 0 && output.includes('the same.') ? 'the same' : output
  }
  return { server, admin, send, arrived, held, symbols, replayed }
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
  const { send, held } = await world()
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

it('writes what another library reads as it was meant', async () => {
  const { send, arrived } = await world()
  const mail = await arrived(
    await send('cara@strict.test', await composed(letter('cara@strict.test', 'Read it'), 'key')),
  )
  const [field = ''] = fieldsOf(mail, 'Authentication-Results')
  expect(await authresOf(field)).toEqual({
    authserv: 'mx.mailkeep.test',
    results: [
      { method: 'spf', result: 'fail', properties: { 'smtp.mailfrom': 'strict.test' } },
      {
        method: 'dkim',
        result: 'pass',
        properties: { 'header.d': 'strict.test', 'header.s': 'key', 'header.a': 'rsa-sha256' },
      },
      { method: 'dmarc', result: 'pass', properties: { 'header.from': 'strict.test', 'policy.dmarc': 'reject' } },
      { method: 'arc', result: 'none', properties: {} },
    ],
  })
})

it('lets forwarded mail keep the result that a forwarder saw whom policy trusts', async () => {
  const { admin, send, arrived, held, replayed } = await world()
  const original = await composed(letter('cara@strict.test', 'Over a list'), 'key')
  // What lists do: the subject says who they are, and with that the signature is gone.
  const changed = original.replace('Subject: ', 'Subject: [list] ')
  const seal = await sealMessage(changed, {
    signingDomain: 'list.test',
    selector: 'seal',
    privateKey: keys.privateKey,
    cv: 'none',
    authResults: 'list.test; dkim=pass header.d=strict.test; dmarc=pass header.from=strict.test',
  })
  const forwarded = seal.toString() + changed
  const untrusted = await send('bounces@list.test', forwarded, '127.0.0.4')
  expect(await held(untrusted)).toEqual(expect.arrayContaining(['SPF_PASS', 'DKIM_FAIL', 'DMARC_REJECT', 'ARC_PASS']))
  await setPolicy(admin, 'inspection', { authentication: { trustedSealers: ['list.test'] } })
  const trusted = await send('bounces@list.test', forwarded, '127.0.0.4')
  const [results] = fieldsOf(await arrived(trusted), 'Authentication-Results')
  expect(results).toMatch(/dkim=fail .*dmarc=pass reason="fail here, passed at list\.test \(ARC, i=1\)".*arc=pass/)
  // Somebody else's seal vouches for nothing, and theirs for no other mail.
  const stolen = `${seal.toString()}${changed.replace('Tuesday', 'Wednesday')}`
  expect(await held(await send('bounces@list.test', stolen, '127.0.0.4'))).toContain('ARC_FAIL')
  for (const id of [untrusted, trusted]) expect(await replayed(id)).toBe('the same')
})

it('knows senders whose links lead to listed domains, by lists that behave as lists do', async () => {
  const { admin, send, arrived, held, replayed } = await world()
  const lists = ['dbl', 'sold', 'shy'].map((name) => ({
    zone: `${name}.test`,
    name: name.toUpperCase(),
    weight: 6,
  }))
  await setPolicy(admin, 'inspection', {
    uriBlockLists: [...lists, { zone: 'slow.drop.test', name: 'SLOW', weight: 6 }],
  })
  const linking = (host: string) => ({
    ...letter('cara@sender.test', host),
    text: `Dear Ann,\n\nthe minutes are at https://www.${host}/minutes now.\n\nKind regards\n`,
  })
  const listed = await send('cara@sender.test', await composed(linking('bad.example'), 'key'), '127.0.0.1')
  const found = await held(listed)
  expect(found.filter((name) => name.startsWith('URIBL_'))).toEqual(['URIBL_DBL'])
  await arrived(await send('cara@sender.test', await composed(linking('fine.example'), 'key'), '127.0.0.1'))
  expect(await replayed(listed)).toBe('the same')
  await eventually(async () => {
    const { items } = (await admin.ask('GET', '/alarms')).body as unknown as {
      items: { kind: string; subject: string }[]
    }
    expect(
      items
        .filter(({ kind }) => kind === 'block-list')
        .map(({ subject }) => subject)
        .toSorted(),
    ).toEqual(['shy.test', 'sold.test'])
  }, 90_000)
})

it('asks over TCP for what is too long for a packet, and tells clients of one network apart by address', async () => {
  const { send, arrived, held } = await world()
  const [results] = fieldsOf(
    await arrived(await send('cara@long.test', await composed(letter('cara@long.test', 'Long')), '127.0.0.9')),
    'Authentication-Results',
  )
  expect(results).toMatch(/spf=pass smtp\.mailfrom=long\.test.*dmarc=pass/)
  const message = await composed(letter('cara@sender.test', 'Who are you'))
  await arrived(await send('cara@sender.test', message, '127.0.0.1'))
  expect(await held(await send('cara@sender.test', message, '127.0.0.5'))).toEqual(
    expect.arrayContaining(['SPF_FAIL', 'DMARC_FAIL', 'DMARC_REJECT']),
  )
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
