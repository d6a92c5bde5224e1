import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openTexts } from '#apps/archivist/texts'
import { openFsContentStore } from '#infra/content-store/fs/store'
import type { Position } from '#infra/event-log/port'
import { openFtsIndex } from '#infra/search/fts/fts-index'
import type { ArchivedCopy } from '#infra/search/document'
import { corpusMails } from '#test/conformance/auth/corpus'
import { cpuOf, median, say } from './measure.ts'

const BATCH = 250
const TARGET = 1_000

/** Mails of the corpus out of the content store into the embedded index: read, made tokens of, written, batch by batch as the indexer does. */
export const benchIndexing = async ({ rounds }: { readonly rounds: number }): Promise<string[]> => {
  const folder = await mkdtemp(join(tmpdir(), 'mailkeep-bench-'))
  const content = await openFsContentStore({ path: join(folder, 'content') })
  const texts = openTexts({ content: join(folder, 'content') })
  try {
    const copies: ArchivedCopy[] = []
    let bytes = 0
    for (const { name, spam, raw } of corpusMails()) {
      if (spam) continue
      const { hash, size } = await content.put(raw)
      bytes += size
      const at = 1_000_000_000_000 + copies.length * 60_000
      copies.push({
        id: name,
        revision: 0,
        mail: name,
        account: `user${copies.length % 50}@example.org`,
        role: 'received',
        contentHash: hash,
        archivedAt: at,
        date: at,
        size,
      })
    }
    // the thread that reads them has to start some time
    await texts.documents(copies.slice(0, BATCH))
    const rates: number[] = []
    const costs: number[] = []
    for (let round = 0; round < rounds; round += 1) {
      say(`archive: indexing, round ${round + 1}`)
      const index = openFtsIndex(join(folder, `index-${round}.db`))
      const [began, cpu] = [performance.now(), cpuOf(process.pid)]
      let reading = texts.documents(copies.slice(0, BATCH))
      for (let at = 0; at < copies.length; at += BATCH) {
        const documents = await reading
        reading = texts.documents(copies.slice(at + BATCH, at + 2 * BATCH))
        await index.write({ documents, removals: [], position: String(at).padStart(20, '0') as Position })
      }
      rates.push((copies.length / (performance.now() - began)) * 1_000)
      costs.push((cpuOf(process.pid) - cpu) / copies.length)
      await index.close()
    }
    const rate = median(rates)
    return [
      `archive, index: ${Math.round(rate)} mails/s at ${median(costs).toFixed(2)} ms CPU, ${copies.length} mails of ${Math.round(bytes / copies.length)} octets, target ${TARGET} ${rate >= TARGET ? 'ok' : 'BELOW'}`,
    ]
  } finally {
    await texts.close()
    await content.close()
    await rm(folder, { recursive: true, force: true })
  }
}
