export type Document = Readonly<Record<string, unknown>>

export const isRecord = (value: unknown): value is Document =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The document with one value at a path; what stood above it stays. */
export const withValue = (document: Document, [head = '', ...rest]: readonly string[], value: unknown): Document => {
  const before = Object.hasOwn(document, head) ? document[head] : undefined
  const after = rest.length === 0 ? value : withValue(isRecord(before) ? before : {}, rest, value)
  return Object.fromEntries([...Object.entries(document).filter(([key]) => key !== head), [head, after]])
}

/** Paths of single values that differ. */
export const changedPaths = (document: Document, defaults: Document): string[] =>
  [...new Set([...Object.keys(document), ...Object.keys(defaults)])].flatMap((key) => {
    const [now, before] = [document[key], defaults[key]]
    if (isRecord(now) && isRecord(before)) return changedPaths(now, before).map((path) => `${key}.${path}`)
    return JSON.stringify(now) === JSON.stringify(before) ? [] : [key]
  })
