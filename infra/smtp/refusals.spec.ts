import { expect, test } from 'vitest'
import { limitRefusal, replyLines } from './refusals.ts'

test('a reply is one line with its codes', () => {
  expect(replyLines({ code: 250, enhancedCode: '2.1.0', text: 'Ok' })).toBe('250 2.1.0 Ok\r\n')
  expect(replyLines({ code: 354, enhancedCode: null, text: 'Go on' })).toBe('354 Go on\r\n')
})

test('a long reply is several lines, each short enough, each with the code', () => {
  const lines = replyLines({ code: 550, enhancedCode: '5.7.1', text: 'word '.repeat(399) + 'x'.repeat(600) }).split(
    '\r\n',
  )
  expect(lines.pop()).toBe('')
  expect(lines.every((line) => line.length <= 510 && line.startsWith('550'))).toBe(true)
  expect(lines.map((line) => line[3]).join('')).toMatch(/^-+ $/)
})

test('nothing a reply is made of can begin another one', () => {
  expect(replyLines({ code: 550, enhancedCode: '5.1.1', text: 'a\r250 b\x00ä' })).toBe('550 5.1.1 a?250 b??\r\n')
  expect(replyLines({ code: 550, enhancedCode: null, text: 'one\ntwo' })).toBe('550-one\r\n550 two\r\n')
})

test('a refusal for a limit names the check', () => {
  expect(limitRefusal(452, '4.5.3', 'Too many', 'recipients-per-mail').reply.text).toBe(
    'Too many (check: recipients-per-mail)',
  )
})
