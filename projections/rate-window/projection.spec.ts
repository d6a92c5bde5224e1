import { describe, expect, it } from 'vitest'
import { MINUTE } from '#domain/kernel/instant'
import { accepted, given, happened, NOON } from '#test/dsl/projection'
import { rateWindow } from './projection.ts'

const ANN = 'ann-marie@one.test'
const submitted = (mail: string, at: number, to: readonly string[]) =>
  accepted(mail, { flow: 'submission', account: ANN, acceptedAt: at, to })

describe('what an account sends by minute', () => {
  it('counts mails and recipients of submissions, and of nothing else', () => {
    const view = given(rateWindow, [
      submitted('1', NOON, ['a@x.test', 'b@x.test']),
      submitted('2', NOON + MINUTE - 1, ['a@x.test']),
      submitted('3', NOON + MINUTE, ['a@x.test']),
      accepted('4', { acceptedAt: NOON }),
      accepted('5', { flow: 'system', acceptedAt: NOON }),
    ])
    expect(view.rows('minutes')).toMatchObject([
      { account: ANN, minute: NOON, mails: 2, recipients: 3 },
      { account: ANN, minute: NOON + MINUTE, mails: 1, recipients: 1 },
    ])
  })

  it('keeps an hour, and forgets an account that is gone', () => {
    const minutes = Array.from({ length: 200 }, (_, number) =>
      submitted(`${number}`, NOON + number * MINUTE, ['a@x.test']),
    )
    const rows = given(rateWindow, minutes).rows('minutes')
    expect(rows).toHaveLength(60)
    expect(Math.min(...rows.map((row) => Number(row['minute'])))).toBe(NOON + 140 * MINUTE)
    expect(given(rateWindow, [...minutes, submitted('late', NOON, ['a@x.test'])]).rows('minutes')).toEqual(rows)
    expect(given(rateWindow, [...minutes, happened(`account-${ANN}`, 'AccountDeleted', {})]).rows('minutes')).toEqual(
      [],
    )
  })
})

describe('the day that runs', () => {
  const opened = (day: string) =>
    happened(`sendingdays-${ANN}`, 'SendingDayOpened', { day, zone: 'UTC', begins: NOON, ends: NOON + 1 })
  const on = (day: string, type: string, data: object) => happened(`sending-${ANN}-${day}`, type, { at: NOON, ...data })

  it('says what is taken, given back, raised and exceeded', () => {
    const day = '2025-03-01'
    const view = given(rateWindow, [
      opened(day),
      on(day, 'SendingReserved', { mail: '1', recipients: 3 }),
      on(day, 'SendingReserved', { mail: '2', recipients: 4 }),
      on(day, 'SendingReturned', { mail: '1', recipients: 3 }),
      on(day, 'QuotaExceeded', { limit: 'mails', quota: 2, resetsAt: NOON + 1 }),
      on(day, 'QuotaRaised', { mailsPerDay: 9, recipientsPerDay: null, by: 'root@one.test' }),
    ])
    expect(view.rows('days')).toMatchObject([
      { account: ANN, day, mails: 1, recipients: 4, raisedMails: 9, raisedRecipients: null, exceededAt: NOON },
    ])
  })

  it('begins anew with the next one, for which the last one counts nothing', () => {
    const view = given(rateWindow, [
      opened('2025-03-01'),
      on('2025-03-01', 'SendingReserved', { mail: '1', recipients: 3 }),
      opened('2025-03-02'),
      on('2025-03-01', 'SendingReturned', { mail: '1', recipients: 3 }),
    ])
    expect(view.rows('days')).toMatchObject([{ day: '2025-03-02', mails: 0, recipients: 0, exceededAt: null }])
  })
})
