import { expect, it } from 'vitest'
import { mailWith, zipOf } from '#test/contract/antivirus/mails'
import { startDemo } from '#test/dsl/mailkeep'
import { as, comesTo, done, EICAR, eventually, GTUBE, inbox, send, sendRaw, types } from '#test/dsl/story'

const file = (name: string, content: string) => ({ name, bytes: Buffer.from(content) })

it('holds what policy holds, each for its reason, and lets go by the rules of each', async () => {
  const demo = await startDemo()
  const [ann, ben, admin] = [await as(demo, 'ann'), await as(demo, 'ben'), await as(demo, 'admin')]
  const to = ['ann@mailkeep.test']

  // Blocked by name, and by content behind another name.
  const byName = await sendRaw(demo, { to, raw: mailWith(file('setup.exe', 'no program at all')) })
  const held = await comesTo(admin, byName, { ann: 'quarantined: attachment' })
  expect(held.events.find(({ type }) => type === 'Quarantined')?.data['detail']).toContain('setup.exe')
  const program = Buffer.concat([
    Buffer.from('MZ'),
    Buffer.alloc(58),
    Buffer.from([64, 0, 0, 0]),
    Buffer.from('PE\0\0'),
  ])
  const byContent = await sendRaw(demo, { to, raw: mailWith({ name: 'report.txt', bytes: program }) })
  await comesTo(admin, byContent, { ann: 'quarantined: attachment' })

  // What no scanner can look into is scored; what can't be read is held.
  const encrypted = await sendRaw(demo, {
    to,
    raw: mailWith({ name: 'secret.zip', bytes: zipOf({ ...file('a.txt', 'x'), encrypted: true }) }),
  })
  const scored = await comesTo(admin, encrypted, { ann: 'delivered' })
  expect(types(scored)).toContain('FoundUnscannable')
  expect(scored.recipients[0]!.symbols.map(({ name }) => name)).toContain('UNSCANNABLE_ENCRYPTED')
  const fragment = Buffer.from(
    'From: cara@outside.example\r\nTo: ann@mailkeep.test\r\nSubject: Piece\r\nMIME-Version: 1.0\r\n' +
      'Content-Type: message/partial; id="x"; number=1; total=2\r\n\r\nSubject: Whole\r\n\r\nThe first half.\r\n',
  )
  const malformed = await sendRaw(demo, { to, raw: fragment })
  await comesTo(admin, malformed, { ann: 'quarantined: unscannable' })

  // A user may have what is held as unscannable; a virus only an administrator gives, with a reason.
  expect(await done(ann, 'POST', `/quarantine/${malformed}/ann@mailkeep.test/release`, {})).toMatchObject({
    state: 'released',
  })
  await comesTo(admin, malformed, { ann: 'delivered: unscannable' })
  const infected = await send(demo, { to: [...to, 'ben@mailkeep.test'], subject: 'Invoice', body: EICAR })
  await comesTo(admin, infected, { ann: 'quarantined: virus', ben: 'quarantined: virus' })
  const release = `/quarantine/${infected}/ann@mailkeep.test/release`
  expect((await ann.ask('POST', release, { reason: 'I want it' })).status).toBe(403)
  expect((await admin.ask('POST', release, {})).status).toBe(400)
  await done(admin, 'POST', release, { reason: 'for the laboratory' })
  const given = await comesTo(admin, infected, { ann: 'delivered: virus', ben: 'quarantined: virus' })
  expect(given.events.find(({ type }) => type === 'Released')?.data).toMatchObject({
    by: 'admin@mailkeep.test',
    reason: 'for the laboratory',
  })
  expect((await inbox(demo, 'ann')).filter((mail) => mail.includes(EICAR))).toHaveLength(1)

  // Discarded it is gone for ever; blocked, its sender is held from then on.
  await done(ann, 'POST', `/quarantine/${byName}/ann@mailkeep.test/discard`)
  await comesTo(admin, byName, { ann: 'discarded: attachment' })
  expect((await ann.ask('POST', `/quarantine/${byName}/ann@mailkeep.test/release`, {})).status).toBe(409)
  await done(ann, 'POST', `/quarantine/${byContent}/ann@mailkeep.test/block-sender`)
  await comesTo(admin, await send(demo, { headerFrom: 'ann@example.org', to }), { ann: 'quarantined: block-list' })

  // Many at once: what can't be released says so, the others arrive.
  const spam: string[] = []
  for (let count = 0; count < 5; count++)
    spam.push(await send(demo, { from: `s${count}@outside.example`, to: ['ben@mailkeep.test'], body: GTUBE }))
  for (const id of spam) await comesTo(admin, id, { ben: 'quarantined: spam' })
  const answer = await done(ben, 'POST', '/quarantine/release', {
    items: [...spam, infected].map((mail) => ({ mail, recipient: 'ben@mailkeep.test' })),
  })
  expect((answer['items'] as { state: string }[]).map(({ state }) => state)).toEqual([
    ...spam.map(() => 'released'),
    'failed',
  ])
  for (const id of spam) await comesTo(admin, id, { ben: 'delivered: spam' })
  expect((await inbox(demo, 'ben')).filter((mail) => mail.includes(GTUBE))).toHaveLength(5)

  // The copies carry what we found and nothing that others claim we found.
  const claims = await send(demo, {
    from: 'dave@outside.example',
    to,
    subject: 'Claims',
    headers: [
      'Authentication-Results: mx.mailkeep.test; dkim=pass',
      'Authentication-Results: mx.other.example; dkim=pass',
      'X-Spam-Status: No, score=-100',
      'Return-Path: <fake@outside.example>',
      'X-Kept: yes',
    ],
  })
  await comesTo(admin, claims, { ann: 'delivered' })
  const copy = (await inbox(demo, 'ann')).find((mail) => mail.includes('Subject: Claims'))!
  expect(copy.match(/^Return-Path: .*$/gm)).toEqual(['Return-Path: <dave@outside.example>'])
  expect(copy).not.toContain('mx.mailkeep.test; dkim=pass')
  expect(copy).toContain('Authentication-Results: mx.other.example; dkim=pass\r\n')
  expect(copy).not.toContain('score=-100')
  expect(copy.match(/^X-Spam-Score: /gm)).toHaveLength(1)
  expect(copy).toContain('X-Kept: yes\r\n')

  // Every figure that is promised is there.
  await eventually(async () => {
    const metrics = await (await fetch(`http://127.0.0.1:${demo.port('http')}/metrics`)).text()
    const counted = (name: string) =>
      [...metrics.matchAll(new RegExp(`^mailkeep_${name}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'))].reduce(
        (sum, [, value]) => sum + Number(value),
        0,
      )
    expect(counted('accepted_total')).toBe(12)
    for (const name of [
      'delivered_total',
      'quarantined_total',
      'infected_total',
      'scan_seconds_count',
      'inspection_seconds_count',
      'accept_seconds_count',
      'append_seconds_count',
      'content_put_seconds_count',
    ])
      expect(counted(name) > 0 ? 'counted' : `${name} is never set`).toBe('counted')
    for (const name of ['projection_lag_seconds', 'group_in_flight', 'group_parked', 'connections'])
      expect(metrics).toMatch(new RegExp(`^mailkeep_${name}\\{`, 'm'))
  })
}, 120_000)
