/** A moment as a reader writes it, for specs of what knows no `Date`: `at('2026-01-15T12:00Z')`. */
export const at = (text: string): number => Date.parse(text)

/** `2026-01-15T12:00:00.000Z` */
export const shown = (instant: number): string => new Date(instant).toISOString()
