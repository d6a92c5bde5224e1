import { fieldsOf } from './dkim-header.ts'

/** The three fields of one hand in a chain (RFC 8617 4.1), as they stand. */
export interface ArcSet {
  readonly results: string
  readonly signature: string
  readonly seal: string
}

const PARTS = {
  'arc-authentication-results': 'results',
  'arc-message-signature': 'signature',
  'arc-seal': 'seal',
} as const
const isPart = (name: string): name is keyof typeof PARTS => Object.hasOwn(PARTS, name)

/**
 * The chain in a header block: its sets from the first on, as far as none is missing or doubtful; the highest instance that any field has, and
 * whether the newest seal says that the chain has failed.
 */
export const existingSets = (header: string): { sets: readonly ArcSet[]; highest: number; hasFailed: boolean } => {
  const found = new Map<number, Partial<Record<keyof ArcSet, string>>>()
  const doubtful = new Set<number>()
  let highest = 0
  let hasFailed = false
  for (const { name, text } of fieldsOf(header)) {
    if (!isPart(name)) continue
    const instance = Number(/[:;\s]i\s*=\s*(\d{1,2})\s*(?:;|$)/.exec(text)?.[1] ?? 0)
    const set = found.get(instance) ?? {}
    if (set[PARTS[name]] !== undefined) doubtful.add(instance)
    found.set(instance, { ...set, [PARTS[name]]: text })
    const says = name === 'arc-seal' && /[:;\s]cv\s*=\s*fail\b/i.test(text)
    if (instance > highest || (instance === highest && says)) hasFailed = says
    highest = Math.max(highest, instance)
  }
  const sets: ArcSet[] = []
  for (let instance = 1; instance <= highest; instance++) {
    const { results, signature, seal } = found.get(instance) ?? {}
    if (results === undefined || signature === undefined || seal === undefined || doubtful.has(instance)) break
    sets.push({ results, signature, seal })
  }
  return { sets, highest, hasFailed }
}
