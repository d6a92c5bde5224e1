import { describe, expect, it } from 'vitest'
import { score } from '#domain/scoring/score'
import { heuristicSymbols } from '#infra/content-scan/heuristics'
import { readStructure } from '#infra/content-scan/heuristics-structure'
import { dateOf } from '#infra/content-scan/heuristics-header'
import { corpusMails } from './corpus.ts'
import { suiteIsThere } from './suites.ts'

/** When a mail of the corpus came in: what its topmost Received says. */
const arrivedAt = (raw: Buffer): number => {
  const { headers } = readStructure(raw)
  const received = headers.first('received')
  return dateOf(received.slice(received.lastIndexOf(';') + 1)) ?? dateOf(headers.first('date')) ?? 0
}

describe.runIf(suiteIsThere('mail-corpus'))('the heuristics alone, without DNS, on the mails kept for testing', () => {
  it('hold at most 1% of the good mail, and a third of the spam or more', { timeout: 60_000 }, () => {
    const counts = { ham: 0, hamHeld: 0, spam: 0, spamHeld: 0 }
    for (const mail of corpusMails()) {
      if (!mail.testing) continue
      const symbols = heuristicSymbols({ raw: mail.raw, acceptedAt: arrivedAt(mail.raw), reversePath: null })
      const held = score(symbols, { threshold: 5, weights: {} }).disposition === 'quarantine'
      counts[mail.spam ? 'spam' : 'ham'] += 1
      if (held) counts[mail.spam ? 'spamHeld' : 'hamHeld'] += 1
    }
    const rate = (part: number, all: number): string => `${((100 * part) / all).toFixed(2)}%`
    console.log(
      `corpus: held ${rate(counts.hamHeld, counts.ham)} of ${counts.ham} ham, ${rate(counts.spamHeld, counts.spam)} of ${counts.spam} spam`,
    )
    expect(counts.ham).toBeGreaterThan(1_000)
    expect(counts.hamHeld / counts.ham).toBeLessThanOrEqual(0.01)
    expect(counts.spamHeld / counts.spam).toBeGreaterThanOrEqual(0.35)
  })
})
