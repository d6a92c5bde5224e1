/** One line of `doctor`: how it is, and what to do when it is not well. */
export interface Finding {
  readonly about: string
  readonly state: 'ok' | 'warning' | 'problem'
  readonly says: string
}

export const ok = (about: string, says: string): Finding => ({ about, state: 'ok', says })
export const warning = (about: string, says: string): Finding => ({ about, state: 'warning', says })
export const problem = (about: string, says: string): Finding => ({ about, state: 'problem', says })

export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
