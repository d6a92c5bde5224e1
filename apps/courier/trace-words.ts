/** A character that may not stand in a trace header, as `%XX` of its UTF-8 bytes. */
export const formatHex = (character: string): string =>
  [...Buffer.from(character, 'utf8')].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('')
