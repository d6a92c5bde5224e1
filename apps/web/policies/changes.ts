export interface Change {
  /** `limits.messageSize` */
  readonly path: string
  readonly before: string
  readonly after: string
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What differs between two documents, by path; what only one of them has is `—` in the other. */
export const changesBetween = (before: unknown, after: unknown, path = ''): readonly Change[] => {
  if (isObject(before) && isObject(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
    return names.flatMap((name) => changesBetween(before[name], after[name], path === '' ? name : `${path}.${name}`))
  }
  const [one, other] = [shown(before), shown(after)]
  return one === other ? [] : [{ path, before: one, after: other }]
}

const shown = (value: unknown): string => (value === undefined ? '—' : JSON.stringify(value))
