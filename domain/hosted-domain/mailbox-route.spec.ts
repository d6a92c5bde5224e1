import { expect, it } from 'vitest'
import { parseMailboxRoute } from './mailbox-route.ts'
import { defaultDomainSettings } from './state.ts'

it('a mailbox route is a Maildir, and nothing that only looks like a route', () => {
  expect(parseMailboxRoute(defaultDomainSettings.mailboxHost)).toEqual({ kind: 'maildir' })
  for (const text of ['', 'Maildir', ' maildir', 'maildir:', 'dovecot', 'https://mail.example.org'])
    expect(parseMailboxRoute(text)).toBeNull()
})
