import type { SymbolEntry } from './symbol-entry.ts'
import { symbolEntry } from './weights.ts'

/** As it goes into `Scored`: what was found, what it weighed, and the sentence that people read. */
interface WeighedSymbol {
  readonly name: string
  readonly weight: number
  readonly description: string
}

type Disposition = 'deliver' | 'quarantine'

export interface Score {
  /** Sum of the weights, to two decimals. */
  readonly score: number
  readonly threshold: number
  /** Each symbol once, the heaviest first. */
  readonly symbols: readonly WeighedSymbol[]
  readonly disposition: Disposition
}

export interface ScoringPolicy {
  /** Score at or over which a mail is quarantined. */
  readonly threshold: number
  /** Weights where they differ from the built-in table. */
  readonly weights: Readonly<Record<string, number>>
  /** The built-in table as it was when the mail was judged, where that was another. */
  readonly recorded?: ReadonlyMap<string, Pick<SymbolEntry, 'weight' | 'decisive'>>
}

const hundredths = (weight: number): number => Math.round(weight * 100)

const weightOf = (
  name: string,
  entry: Pick<SymbolEntry, 'weight' | 'decisive'> | undefined,
  policy: ScoringPolicy,
): number => {
  const own = Object.hasOwn(policy.weights, name) ? policy.weights[name] : undefined
  if (own !== undefined) return own
  const weight = entry?.weight ?? 0
  return entry?.decisive === true ? Math.max(weight, policy.threshold) : weight
}

/**
 * Symbols x weights -> score -> disposition. Pure; in hundredths, so that no order of adding changes the sum. A *decisive* symbol
 * (failing a published DMARC policy, GTUBE) weighs at least the threshold, and nothing that speaks for the mail outweighs it:
 * whoever sent it chose those signs too. An administrator's own weight for it stands as it is.
 */
export const score = (found: readonly string[], policy: ScoringPolicy): Score => {
  const weighed = [...new Set(found)].map((name) => {
    const entry = symbolEntry(name)
    const weighing = policy.recorded?.get(name) ?? entry
    return {
      name,
      weight: weightOf(name, weighing, policy),
      description: entry?.sentence ?? name,
      decisive: weighing?.decisive === true,
    }
  })
  const decided = weighed.some((one) => one.decisive && one.weight >= policy.threshold)
  const symbols = weighed
    .map(({ name, weight, description }) => ({ name, weight: decided ? Math.max(0, weight) : weight, description }))
    .toSorted((a, b) => Math.abs(b.weight) - Math.abs(a.weight) || (a.name < b.name ? -1 : 1))
  const sum = symbols.reduce((total, symbol) => total + hundredths(symbol.weight), 0)
  return {
    score: sum / 100,
    threshold: policy.threshold,
    symbols,
    disposition: sum >= hundredths(policy.threshold) ? 'quarantine' : 'deliver',
  }
}
