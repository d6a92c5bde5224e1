/** Longest subject or name that a digest shows. */
const LONGEST = 160

/**
 * Text that a stranger wrote, as a line of a digest: control characters and what turns the direction of writing are shown as what they are
 * (`[U+202E]`, Unicode TR 36 3.2), white space is one blank, and it ends somewhere.
 */
export const shownText = (text: string, longest = LONGEST): string => {
  const line = text
    .replaceAll(/\s+/gu, ' ')
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}]/gu, (character) =>
      JOINERS.has(character)
        ? character
        : `[U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`,
    )
    .trim()
  const characters = [...line]
  return characters.length <= longest ? line : `${characters.slice(0, longest - 1).join('')}…`
}

/** Scripts and emoji need them, and they turn nothing around. */
const JOINERS = new Set(['\u{200C}', '\u{200D}'])

/** For plain text that mail programs make links of: a scheme or a `www.` in it no longer begins one. */
export const withoutLinks = (text: string): string =>
  text.replaceAll(/\b(https?|ftp|mailto):/giu, '$1\u{2060}:').replaceAll(/\bwww\./giu, 'www\u{2060}.')

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** For HTML text and quoted attributes. */
export const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => ESCAPES[character] ?? '')
