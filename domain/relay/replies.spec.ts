import { expect, it } from 'vitest'
import { classify } from './replies.ts'

it.each([
  [250, '2.0.0', 'Ok', 'delivered', ''],
  [251, null, 'User not local; will forward', 'delivered', ''],
  [450, '4.2.0', 'Greylisted, see http://postgrey.example', 'deferred', ''],
  [451, '4.7.1', 'Please try again later', 'deferred', ''],
  [452, '4.5.3', 'Too many recipients', 'again-at-once', ''],
  [552, '5.5.3', 'Too many recipients', 'again-at-once', ''],
  [452, '4.2.2', 'Mailbox full', 'deferred', ''],
  [552, '5.2.2', 'Mailbox full', 'deferred', ''],
  [552, '5.3.4', 'Message too big', 'bounced', ''],
  [421, '4.3.2', 'Shutting down', 'deferred', 'rests'],
  [421, '4.7.0', 'Temporarily deferred: poor reputation of your network', 'deferred', 'rests reputation'],
  [450, '4.7.1', 'Client host rejected: cannot find your hostname', 'deferred', 'reputation'],
  [550, '5.1.1', 'No such user', 'bounced', ''],
  [550, '5.7.1', 'Relaying denied', 'bounced', ''],
  [550, '5.7.1', 'Service unavailable; [192.0.2.1] listed using zen.spamhaus.org', 'bounced', 'reputation'],
  [554, null, 'Your address has been blocked by our block list', 'bounced', 'reputation'],
  [550, '5.7.25', 'Reverse DNS validation failed', 'bounced', 'reputation'],
  [354, null, 'Go on', 'deferred', ''],
] as const)('%i %s %s is %s %s', (code, enhancedCode, text, outcome, more) => {
  expect(classify({ code, enhancedCode, text })).toEqual({
    outcome,
    rests: more.includes('rests'),
    reputation: more.includes('reputation'),
  })
})
