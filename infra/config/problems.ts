import type { SettingKey } from './settings.ts'

/** One thing wrong with the configuration, said so that the operator can put it right without looking it up. */
export interface ConfigProblem {
  /** As the operator wrote it: the variable's name, or the key in the file. */
  readonly name: string
  /** What was given; secrets are masked. */
  readonly given: string
  readonly expected: string
  /** The setting, when there is one of that name. */
  readonly setting?: SettingKey
}

/** All problems as lines of text for the terminal. */
export function describeProblems(problems: readonly ConfigProblem[]): string {
  const lines = problems.map(({ name, given, expected }) => `  ${name}: given ${given}; expected ${expected}`)
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`
  return [`Mailkeep can't start: ${count} in the configuration`, ...lines].join('\n')
}

/** The known name that was probably meant. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  let best: string | undefined
  let bestDistance = Math.max(2, Math.floor(name.length / 5)) + 1
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase().slice(0, 100), candidate.toLowerCase())
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance]
  }
  return best
}

/** Levenshtein. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
