import { workerData } from 'node:worker_threads'
import { mailText } from '#infra/content-scan/text/mail-text'
import type { MailText } from '#infra/content-scan/text/port'
import { openFsContentReader } from '#infra/content-store/fs/reader'
import { ContentCorrupt, ContentMissing } from '#infra/content-store/port'
import { documentOf, type ArchivedCopy } from '#infra/search/document'
import type { IndexDocument } from '#infra/search/port'
import type { TextAnswer, TextJob } from './text-job.ts'

/* The thread that reads mails for the index: what it meets there may end it. */
const content = openFsContentReader((workerData as { readonly content: string }).content)

/** One mail to many has one text: kept for the copies that come next to it. */
let last: { readonly of: string; readonly text: MailText } | null = null

const textOf = async ({ contentHash, size }: ArchivedCopy, reading: TextJob['reading']): Promise<MailText> => {
  if (reading === 'nothing') return unread('reading it failed')
  const of = `${reading} ${contentHash}`
  if (last?.of === of) return last.text
  const bytes = await bytesOf(contentHash, size)
  if (typeof bytes === 'string') return unread(bytes)
  const text = await mailText(bytes, reading === 'all' ? {} : { withoutAttachments: 'reading it failed' })
  last = { of, text }
  return text
}

/** A sentence where they are not there: the copy is shown all the same, and verification tells. */
const bytesOf = async (contentHash: ArchivedCopy['contentHash'], size: number): Promise<Buffer | string> => {
  try {
    return await content.read(contentHash, size)
  } catch (error) {
    if (error instanceof ContentMissing) return 'its content is missing'
    if (error instanceof ContentCorrupt) return 'its content is damaged'
    throw error
  }
}

const unread = (why: string): MailText => ({
  messageId: null,
  references: [],
  from: [],
  to: [],
  cc: [],
  bcc: [],
  subject: null,
  date: null,
  body: '',
  attached: '',
  files: [],
  unreadable: [`the mail: ${why}`],
})

export default async ({ copies, reading }: TextJob): Promise<TextAnswer> => {
  try {
    const documents: IndexDocument[] = []
    for (const copy of copies) documents.push(documentOf(copy, await textOf(copy, reading)))
    return { documents }
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error))
    return { failure: { name, message } }
  }
}
