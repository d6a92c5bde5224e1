import { expect, it } from 'vitest'
import { whyNotDelivered } from './why-not-delivered.ts'

it.each([
  [550, '5.1.1', /no mailbox of that name/],
  [452, '4.2.2', /full/],
  [451, '4.4.1', /could not be reached/],
  [554, '5.7.1', /does not want this mail/],
  [550, '5.7.26', /security rule/],
  [556, '5.1.10', /receives no mail/],
  [552, null, /full, or the mail is too large/],
  [421, null, /try again later/],
])('a reply %i %s is explained', (code, enhancedCode, sentence) => {
  expect(whyNotDelivered({ code, enhancedCode, text: 'x' })).toMatch(sentence)
})

it('says nothing about what it does not know', () => {
  expect(whyNotDelivered({ code: 550, enhancedCode: null, text: 'x' })).toBeNull()
  expect(whyNotDelivered({ code: 550, enhancedCode: '5.9.9', text: 'x' })).toBeNull()
})
