import { readdirSync, readFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { ContentHash } from '#domain/message/content-hash'
import { mailText } from '#infra/content-scan/text/mail-text'
import { documentOf, type ArchivedCopy } from '#infra/search/document'
import type { IndexDocument } from '#infra/search/port'

const DATA = process.env['MAILKEEP_TEST_DATA'] ?? join(import.meta.dirname, '../../../../shared/data')

const hashOf = (bytes: Buffer): ContentHash => createHash('sha256').update(bytes).digest('hex') as ContentHash

/** A copy of a mail as the index is given it; line ends as in the mail. */
export const archived = async (
  id: string,
  mail: string | Buffer,
  copy: Partial<ArchivedCopy> = {},
): Promise<IndexDocument> => {
  const bytes = typeof mail === 'string' ? Buffer.from(mail.replaceAll(/\r?\n/g, '\r\n')) : mail
  const text = await mailText(bytes)
  const date = text.date ?? 0
  return documentOf(
    {
      id,
      revision: 0,
      mail: id,
      account: 'ann@example.org',
      role: 'received',
      contentHash: hashOf(bytes),
      archivedAt: date,
      date,
      size: bytes.length,
      ...copy,
    },
    text,
  )
}

/** 48 mails and questions about them; null: the data of others is not there. */
export const enron = async (): Promise<{
  readonly documents: readonly IndexDocument[]
  /** Those that exactly one mail answers. */
  readonly questions: readonly { readonly question: string; readonly answeredBy: string }[]
} | null> => {
  const folder = join(DATA, 'archive/enron48')
  const files = listed(folder)
  if (files === null) {
    if (process.env['MAILKEEP_TEST_REQUIRED'] === '1') throw new Error(`${folder} is not there`)
    console.warn(`skipped: ${folder} is not there`)
    return null
  }
  const mails = files.filter((name) => name.endsWith('.eml'))
  const answers = new Map<string, string[]>()
  for (const line of readFileSync(join(folder, 'queries.tsv'), 'utf8').split('\n').slice(1)) {
    const [question = '', mail = '', answerable] = line.split('\t')
    if (answerable === 'true') answers.set(question, [...(answers.get(question) ?? []), mail])
  }
  return {
    documents: await Promise.all(
      mails.map((name, at) =>
        archived(name, readFileSync(join(folder, name)), {
          role: at % 3 === 0 ? 'sent' : 'received',
          account: at % 2 === 0 ? 'ann@example.org' : 'ben@example.org',
        }),
      ),
    ),
    questions: [...answers].flatMap(([question, by]) => (by.length === 1 ? [{ question, answeredBy: by[0]! }] : [])),
  }
}

const listed = (folder: string): readonly string[] | null => {
  try {
    return readdirSync(folder).sort()
  } catch {
    return null
  }
}
