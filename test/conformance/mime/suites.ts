import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { zstdDecompressSync } from 'node:zlib'
import { tarMembers } from '#infra/content-scan/tar'

/** Test data others wrote; missing (outside CI) it is said in one line and the suite is skipped. */
const testData = process.env['MAILKEEP_TEST_DATA'] ?? join(import.meta.dirname, '../../../../shared/data')

export interface SuiteMail {
  /** The case's own name, e.g. `multipart-quoted-...`. */
  readonly id: string
  /** 3: plain, 2: common, 1: valid, 0: invalid MIME. */
  readonly level: number
  readonly bytes: Buffer
}

/** The mails of mime-is-broken in `folder`; null when they are not there. */
export function mimeSuite(folder: 'hide-content' | 'hide-filename'): SuiteMail[] | null {
  const at = join(testData, 'mime', folder)
  if (missing(at)) return null
  return readdirSync(at).map((file) => {
    const bytes = readFileSync(join(at, file))
    // the two of level 0 whose Subject is that of a part have it in X-Payload-Id only
    const found = /^Subject: \[(\d)\] (\S+)/m.exec(bytes.toString('latin1'))
    return { id: found?.[2] ?? file, level: Number(found?.[1] ?? 0), bytes }
  })
}

/** All mails of one kind in the corpus, by name; null when it is not there. */
export function mailCorpus(kind: 'ham' | 'spam'): { name: string; bytes: Buffer }[] | null {
  const at = join(testData, 'mail-corpus/corpus.tar.zst')
  if (missing(at)) return null
  return [...tarMembers(zstdDecompressSync(readFileSync(at)))].filter((member) => member.name.includes(`${kind}/`))
}

function missing(path: string): boolean {
  if (existsSync(path)) return false
  if (process.env['CI'] === 'true') throw new Error(`${path} is missing, and in CI it must be there`)
  console.warn(`skipped: ${path} is missing`)
  return true
}
