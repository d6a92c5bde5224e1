/** A recorded edge check, as `Accepted` has it. */
export interface RecordedCheck {
  readonly check: string
  readonly result: 'pass' | 'fail' | 'none' | 'temperror'
}

const upperSnake = (name: string): string =>
  name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1_$2')
    .replaceAll(/[^A-Za-z\d]+/g, '_')
    .toUpperCase()

/** Edge checks that failed and only recorded it: `reverseDns` is EDGE_REVERSE_DNS. Temporary errors are no failures. */
export const edgeSymbols = (checks: readonly RecordedCheck[]): string[] =>
  checks.filter((check) => check.result === 'fail').map((check) => `EDGE_${upperSnake(check.check)}`)

/** What a scanner could not look into, where policy says `score`: `too-deep` is UNSCANNABLE_TOO_DEEP. */
export const unscannableSymbols = (kinds: readonly string[]): string[] => [
  ...new Set(kinds.map((kind) => `UNSCANNABLE_${upperSnake(kind)}`)),
]
