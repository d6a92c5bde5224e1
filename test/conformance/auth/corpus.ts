import { createHash } from 'node:crypto'
import { zstdDecompressSync } from 'node:zlib'
import { read } from './suites.ts'

export interface CorpusMail {
  readonly name: string
  readonly spam: boolean
  /** SHA-256 of the file's name begins with 0-3: for testing, the rest for training. */
  readonly testing: boolean
  readonly raw: Buffer
}

const text = (block: Buffer, from: number, length: number): string =>
  block.toString('latin1', from, from + length).replace(/\0[^]*$/, '')

/** The mails of the public corpus, read from its tar in memory. */
export function* corpusMails(): Generator<CorpusMail> {
  const tar = zstdDecompressSync(read('mail-corpus/corpus.tar.zst'))
  for (let at = 0; at + 512 <= tar.length;) {
    const path = text(tar, at, 100)
    if (path === '') return
    const size = Number.parseInt(text(tar, at + 124, 12), 8)
    const name = path.slice(path.lastIndexOf('/') + 1)
    if (name.endsWith('.eml')) {
      const testing = /^[0-3]/.test(createHash('sha256').update(name).digest('hex'))
      yield { name, spam: path.includes('spam/'), testing, raw: tar.subarray(at + 512, at + 512 + size) }
    }
    at += 512 + Math.ceil(size / 512) * 512
  }
}
