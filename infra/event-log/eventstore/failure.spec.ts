import { Metadata, status } from '@grpc/grpc-js'
import { expect, it } from 'vitest'
import { UnreadableEvent, type Position } from '../port.ts'
import { Away, isPassing, unavailable } from './failure.ts'

const refused = (code: status, exception?: string) => {
  const metadata = new Metadata()
  if (exception !== undefined) metadata.set('exception', exception)
  return Object.assign(new Error(`${code}`), { code, metadata })
}

it.each([
  ['the server is away', refused(status.UNAVAILABLE), true],
  ['another node leads', refused(status.NOT_FOUND, 'not-leader'), true],
  ['it took too long', refused(status.DEADLINE_EXCEEDED), true],
  ['the stream was cut', refused(status.INTERNAL), true],
  ['discovery found nobody', new Error('Failed to discover after 10 attempts.'), true],
  ['the connection ended', new Away('ended'), true],
  ['the user is refused', refused(status.UNAUTHENTICATED, 'access-denied'), false],
  ['it is wrong', refused(status.INVALID_ARGUMENT), false],
  ['the server is too old', refused(status.UNIMPLEMENTED), false],
  [
    'an event says "closed channel"',
    new UnreadableEvent({ stream: 'a-1', revision: 0, position: '0' as Position }, 'closed channel'),
    false,
  ],
  ['it is no error', 'away', false],
])('when %s it is worth another try: %s', (_, error, expected) => {
  expect(isPassing(error)).toBe(expected)
})

it('says what an operator can do', () => {
  expect(unavailable(refused(status.UNAVAILABLE), 'append to mail-1')).toMatchObject({ why: 'unreachable' })
  expect(unavailable(refused(status.UNAUTHENTICATED), 'group x').message).toContain('$admins')
  const mistake = new TypeError('mine')
  expect(unavailable(mistake, 'x')).toBe(mistake)
})
