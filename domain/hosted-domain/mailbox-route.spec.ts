import { describe, expect, it } from 'vitest'
import { MAILBOX_ROUTES, parseMailboxRoute } from './mailbox-route.ts'
import { defaultDomainSettings } from './state.ts'

describe('a mailbox route', () => {
  it('is a Maildir by default', () => {
    expect(parseMailboxRoute(defaultDomainSettings.mailboxHost)).toEqual({ kind: 'maildir' })
  })

  it('is hosts in order of priority', () => {
    const route = parseMailboxRoute(
      'lmtp://dovecot.example.org, lmtp://[2001:db8::1]:2424?tls=off,smtp://192.0.2.7?tls=verify&user=mail%2Ckeep,lmtp:///run/dovecot/lmtp',
    )
    expect(route).toEqual({
      kind: 'hosts',
      hosts: [
        {
          protocol: 'lmtp',
          at: { host: 'dovecot.example.org', port: 24 },
          tls: 'opportunistic',
          user: null,
          name: 'lmtp://dovecot.example.org:24',
        },
        {
          protocol: 'lmtp',
          at: { host: '2001:db8::1', port: 2424 },
          tls: 'off',
          user: null,
          name: 'lmtp://[2001:db8::1]:2424',
        },
        {
          protocol: 'smtp',
          at: { host: '192.0.2.7', port: 25 },
          tls: 'verify',
          user: 'mail,keep',
          name: 'smtp://192.0.2.7:25',
        },
        {
          protocol: 'lmtp',
          at: { socket: '/run/dovecot/lmtp' },
          tls: 'off',
          user: null,
          name: 'lmtp:///run/dovecot/lmtp',
        },
      ],
    })
  })

  it.each([
    '',
    'Maildir',
    ' maildir',
    'maildir:',
    'dovecot',
    'https://mail.example.org',
    'maildir,lmtp://a.test',
    'lmtp://',
    'lmtp:/run/lmtp',
    'lmtp://run/lmtp',
    'lmtp://a.test:0',
    'lmtp://a.test:65536',
    'lmtp://a test',
    'lmtp://user:password@a.test',
    'lmtp://a.test?password=x',
    'lmtp://a.test?tls=maybe',
    'lmtp://a.test?user=',
    'lmtp://a.test?user=%0d%0aRSET',
    'lmtp://a.test?user=%zz',
    'lmtp://a.test?tls=off&tls=off',
    'lmtp://a.test,',
    'lmtp://a.test,lmtp://a.test:24',
    'smtp:///run/smtp',
    'lmtp://999.1.1.1',
    `lmtp:///${'x'.repeat(107)}`,
    Array.from({ length: 11 }, (_, at) => `lmtp://h${at}.test`).join(','),
  ])('is not %j', (text) => {
    expect(parseMailboxRoute(text)).toBeNull()
  })

  it('says what it may be', () => {
    expect(MAILBOX_ROUTES).toContain('lmtp://host:24')
  })
})
