import { expect, it } from 'vitest'
import { escaped, shownText, withoutLinks } from './shown-text.ts'

it('shows what turns the direction of writing, and what is not to be seen, as what it is', () => {
  expect(shownText('invoice\u202Efdp.exe')).toBe('invoice[U+202E]fdp.exe')
  expect(shownText('a\u2066b\u2069\u200Bc\u0007')).toBe('a[U+2066]b[U+2069][U+200B]c[U+0007]')
  expect(shownText('one\r\n two\t three ')).toBe('one two three')
})

it('leaves alone what writing needs', () => {
  expect(shownText('क्‍ष und Größe')).toBe('क्‍ष und Größe')
  expect(shownText('👩‍🚀')).toBe('👩‍🚀')
})

it('ends somewhere, between characters', () => {
  expect([...shownText('😀'.repeat(500), 10)]).toHaveLength(10)
  expect(shownText('short', 10)).toBe('short')
})

it('leaves nothing that a mail program makes a link of by its scheme', () => {
  expect(withoutLinks('see https://evil.example or WWW.evil.example')).not.toMatch(/https:|www\./i)
})

it('escapes for text and quoted attributes', () => {
  expect(escaped(`<img src="x" onerror='y'>&`)).toBe('&lt;img src=&quot;x&quot; onerror=&#39;y&#39;&gt;&amp;')
})
