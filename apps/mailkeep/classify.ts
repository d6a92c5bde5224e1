import { blockedAttachments } from '#domain/scoring/attachments'
import { attachmentPolicyOf } from '#domain/scoring/blocked-files'
import { unscannableSymbols } from '#domain/scoring/edge-symbols'
import { score, type Score } from '#domain/scoring/score'
import type { InspectionPolicy } from '#domain/policy/documents'
import { openVirusScanner } from '#infra/antivirus/open'
import type { ScanOutcome } from '#infra/antivirus/port'
import type { Config } from '#infra/config/load'
import { heuristicSymbols } from '#infra/content-scan/heuristics'
import { contentReader } from '#infra/content-scan/reader'

export interface Classification {
  /** What would become of it for a recipient without lists: nothing is asked of DNS, so no SPF, DKIM, DMARC, no block lists. */
  readonly disposition: 'deliver' | 'quarantine' | 'wait'
  readonly reason: 'virus' | 'unscannable' | 'attachment' | 'spam' | null
  readonly score: number
  readonly threshold: number
  readonly symbols: Score['symbols']
  readonly scan: ScanOutcome
  /** One sentence per blocked attachment. */
  readonly attachments: readonly string[]
}

/** Scans and scores a mail as the inspector does, but for what needs the network. */
export const classify = async (
  raw: Buffer,
  config: Pick<Config, 'antivirus' | 'clamd'>,
  policy: InspectionPolicy,
  { acceptedAt, reversePath }: { acceptedAt: number; reversePath: string | null },
): Promise<Classification> => {
  const scanner = await openVirusScanner({
    engines: config.antivirus.engine,
    readContent: contentReader(),
    ...(config.clamd.address === null ? {} : { clamdAddress: config.clamd.address }),
  })
  try {
    const { outcome, facts } = await scanner.scanMessage(raw)
    const kinds = outcome.outcome === 'unscannable' ? outcome.findings.map(({ kind }) => kind) : []
    const treatments = kinds.map((kind) => policy.unscannable[kind])
    const found = [...heuristicSymbols({ raw, acceptedAt, reversePath }), ...unscannableSymbols(kinds)]
    const { disposition, ...scored } = score(found, policy)
    const attachments = policy.attachments.enabled
      ? blockedAttachments(facts.attachments, attachmentPolicyOf(policy.attachments)).map(
          ({ path, what, why }) => `${path} (${why}: ${what})`,
        )
      : []
    const reason =
      outcome.outcome === 'infected' || treatments.includes('infected')
        ? 'virus'
        : treatments.includes('hold')
          ? 'unscannable'
          : attachments.length > 0
            ? 'attachment'
            : disposition === 'quarantine'
              ? 'spam'
              : null
    return {
      disposition: outcome.outcome === 'unavailable' ? 'wait' : reason === null ? 'deliver' : 'quarantine',
      reason: outcome.outcome === 'unavailable' ? null : reason,
      ...scored,
      scan: outcome,
      attachments,
    }
  } finally {
    await scanner.close()
  }
}
