import { featuresOf } from './features.ts'
import { bodyFacts, bodyTests, linkDomains } from './heuristics-body.ts'
import { headerTests } from './heuristics-header.ts'
import { readStructure } from './heuristics-structure.ts'

export interface MailToJudge {
  /** The message from its first byte; what lies beyond the first 512 KiB is not looked at. */
  readonly raw: Buffer
  /** When it was accepted, ms: what its Date is compared with. */
  readonly acceptedAt: number
  /** Envelope sender, null for `<>`. */
  readonly reversePath: string | null
}

/**
 * Names of the symbols that the header block and the text show, in a fixed order; each is described and weighed in
 * domain/scoring/weights.ts. Never throws: a mail that can't be made sense of shows what can be read of it.
 */
export const heuristicSymbols = (mail: MailToJudge): string[] => contentFindings(mail).symbols

export interface ContentFindings {
  /** As `heuristicSymbols`. */
  readonly symbols: string[]
  /** Registered domains that links lead to, each once, in their order. */
  readonly linkDomains: string[]
  /** What later learning needs of it (features.ts). */
  readonly features: string
}

/** The same, and what else one reading of the mail tells. Never throws. */
export const contentFindings = (mail: MailToJudge): ContentFindings => {
  const structure = readStructure(mail.raw)
  const header = { headers: structure.headers, acceptedAt: mail.acceptedAt, reversePath: mail.reversePath }
  const body = bodyFacts(structure)
  return {
    symbols: [
      ...headerTests.flatMap(([name, shows]) => (shows(header) ? [name] : [])),
      ...bodyTests.flatMap(([name, shows]) => (shows(body) ? [name] : [])),
    ],
    linkDomains: linkDomains(body),
    features: featuresOf(structure.headers.text('subject'), body.text),
  }
}

/** Every name that heuristicSymbols can yield. */
export const heuristicNames: readonly string[] = [...headerTests, ...bodyTests].map(([name]) => name)
