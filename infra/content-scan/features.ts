/** Words of one mail that are kept at most. */
const MAX_WORDS = 300
/** Words are numbered up to this: few fall together, and a number alone says no word. */
const BUCKETS = 2 ** 22

/**
 * The words of a mail as later learning wants them: each different word of subject and text (letters and digits, 3 to 20 of them, in lower case)
 * as a number below 2^22 (FNV-1a of its UTF-16 units; `s:` before words of the subject), the first 300 of them in ascending order, each as its
 * distance from the one before in 7-bit groups (the high bit: there is more), in base64.
 */
export const featuresOf = (subject: string, text: string): string => {
  const numbers = new Set<number>()
  for (const [words, prefix] of [
    [subject, 's:'],
    [text, ''],
  ] as const) {
    for (const [word] of words.matchAll(/[\p{L}\p{N}]{3,}/gu)) {
      if (numbers.size >= MAX_WORDS) break
      if (word.length <= 20) numbers.add(numberOf(prefix + word.toLowerCase()))
    }
  }
  const octets: number[] = []
  let before = 0
  for (const number of [...numbers].toSorted((one, other) => one - other)) {
    let distance = number - before
    before = number
    for (; distance > 0x7f; distance = Math.floor(distance / 0x80)) octets.push((distance & 0x7f) | 0x80)
    octets.push(distance)
  }
  return Buffer.from(octets).toString('base64')
}

const numberOf = (word: string): number => {
  let hash = 0x811c9dc5
  for (let at = 0; at < word.length; at++) hash = Math.imul(hash ^ word.charCodeAt(at), 0x01000193)
  return (hash >>> 0) % BUCKETS
}
