import { expect, it } from 'vitest'
import { featuresOf } from './features.ts'

const numbers = (features: string): number[] => {
  const found: number[] = []
  let [value, scale, before] = [0, 1, 0]
  for (const octet of Buffer.from(features, 'base64')) {
    value += (octet & 0x7f) * scale
    scale *= 0x80
    if (octet > 0x7f) continue
    found.push((before += value))
    ;[value, scale] = [0, 1]
  }
  return found
}

it('tells the words of a mail apart by number, once each, subject and text apart', () => {
  expect(featuresOf('', '')).toBe('')
  expect(numbers(featuresOf('', 'Grüße grüße GRÜSSE an'))).toHaveLength(2)
  expect(featuresOf('', 'one two three')).toBe(featuresOf('', 'three, two - one'))
  expect(numbers(featuresOf('lunch', 'lunch'))).toHaveLength(2)
  const all = numbers(featuresOf('', 'money bank lunch'))
  for (const word of ['money', 'bank', 'lunch']) expect(all).toContain(numbers(featuresOf('', word))[0])
})

it('keeps a bounded number of them, and none that is too long', () => {
  const many = Array.from({ length: 5_000 }, (_, at) => `word${at}`).join(' ')
  expect(numbers(featuresOf(many, many)).length).toBeLessThanOrEqual(300)
  expect(featuresOf(many, many).length).toBeLessThan(1_300)
  expect(numbers(featuresOf('', 'x'.repeat(21)))).toEqual([])
  for (const number of numbers(featuresOf('', many))) expect(number).toBeLessThan(2 ** 22)
})
