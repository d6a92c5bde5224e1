import { expect, it } from 'vitest'
import { isAutomatic, isRobot } from './automatic.ts'

it.each([
  ['Auto-Submitted: auto-replied', true],
  ['Subject: x\r\nAUTO-SUBMITTED : auto-generated; owner-email="a@b.test"\r\nTo: y', true],
  ['Auto-Submitted:\r\n\t(a comment)\r\n auto-notified', true],
  ['Auto-Submitted: no', false],
  ['Auto-Submitted: No (really)', false],
  ['Auto-Submitted:', false],
  ['Subject: Auto-Submitted: auto-replied', false],
  ['X-Auto-Submitted: auto-replied', false],
  ['', false],
])('a header %j says that a machine wrote it: %s', (header, expected) => {
  expect(isAutomatic(`${header}\r\n`)).toBe(expected)
})

it.each([
  ['MAILER-DAEMON@remote.test', true],
  ['owner-list@remote.test', true],
  ['list-request@remote.test', true],
  ['news-bounces+ann=mailkeep.test@remote.test', true],
  ['owner@remote.test', false],
  ['request@remote.test', false],
  ['ann@remote.test', false],
])('nobody reads what is sent to %s: %s', (address, expected) => {
  expect(isRobot(address)).toBe(expected)
})
