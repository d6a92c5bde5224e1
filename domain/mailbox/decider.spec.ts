import { describe, it } from 'vitest'
import { given, story } from '#test/dsl/decider'
import type { MailboxListsCommand } from './commands.ts'
import { mailboxListsDecider as lists } from './decider.ts'
import { MAXIMUM_ENTRIES } from './state.ts'

const allow = (entry: string, note: string | null = null): MailboxListsCommand => ({
  kind: 'allow-sender',
  entry,
  note,
})
const block = (entry: string): MailboxListsCommand => ({ kind: 'block-sender', entry, note: null })

describe('the lists of a mailbox', () => {
  it('keep an entry in canonical form, once', () => {
    given(lists, [])
      .when(allow('Boss@Example.NET', 'the boss'))
      .thenEvents([{ type: 'SenderAllowed', data: { entry: 'boss@example.net', note: 'the boss' } }])
    const events = story(lists, [allow('boss@example.net')])
    given(lists, events).when(allow('BOSS@example.net')).thenNothing()
    given(lists, events).when(allow('boss@example.net', 'note')).thenTypes(['SenderAllowed'])
  })

  it('move an entry from one to the other', () => {
    const moved = story(lists, [allow('@example.net'), block('@example.net')])
    given(lists, moved).when({ kind: 'remove-entry', entry: '@example.net', list: 'allow' }).thenNothing()
    given(lists, moved)
      .when({ kind: 'remove-entry', entry: '@Example.net', list: 'block' })
      .thenEvents([{ type: 'EntryRemoved', data: { entry: '@example.net', list: 'block' } }])
  })

  it('refuse what is no sender, with advice', () => {
    given(lists, [])
      .when(allow('example.net'))
      .thenDeclined('invalid', /"example\.net".*@domain/)
    given(lists, [])
      .when(allow('a@b.net', 'n'.repeat(501)))
      .thenDeclined('invalid', /500/)
  })

  it('are bounded, but entries can still be moved', () => {
    const full = story(
      lists,
      Array.from({ length: MAXIMUM_ENTRIES }, (_, at) => block(`s${at}@example.net`)),
    )
    given(lists, full).when(block('one@more.net')).thenDeclined('over-limit')
    given(lists, full).when(allow('s7@example.net')).thenTypes(['SenderAllowed'])
  })
})
