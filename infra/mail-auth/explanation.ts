/** What a library or a stranger's DNS said, fit for an event and a header: one line of printable ASCII, at most 200 characters. */
export const explanation = (text: unknown): string | null => {
  if (typeof text !== 'string' || text === '') return null
  const line = text
    .replaceAll(/[^\x20-\x7e]+/g, ' ')
    .replaceAll(/ {2,}/g, ' ')
    .trim()
  return line === '' ? null : line.slice(0, 200)
}

/** Of an error that a method ended in. */
export const explanationOf = (error: unknown): string =>
  explanation(error instanceof Error ? error.message : String(error)) ?? 'failed without a reason'
