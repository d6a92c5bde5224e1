/** A tag list (RFC 6376 3.2; DMARC, MTA-STS and TLS-RPT records have the same form). Names in lower case, the first of a name counts; null: it is none. */
export const tagList = (text: string): ReadonlyMap<string, string> | null => {
  const tags = new Map<string, string>()
  for (const part of text.split(';')) {
    if (part.trim() === '') continue
    const equals = part.indexOf('=')
    if (equals === -1) return null
    const name = part.slice(0, equals).trim().toLowerCase()
    if (!tags.has(name)) tags.set(name, part.slice(equals + 1).trim())
  }
  return tags
}
