import { Piscina } from 'piscina'
import type { IndexDocument } from '#infra/search/port'
import type { ArchivedCopy } from '#infra/search/document'
import type { TextAnswer, TextJob } from './text-job.ts'

const IS_SOURCE = import.meta.url.endsWith('.ts')
const WORKER = new URL(IS_SOURCE ? './text-worker.ts' : './text-worker.js', import.meta.url)
/** Milliseconds for a mail, beyond which its thread is ended. */
const TIMEOUT_MS = 60_000
const MAX_HEAP_MB = 768

/** Turns copies into documents of the index. */
export interface Texts {
  documents(copies: readonly ArchivedCopy[]): Promise<IndexDocument[]>
  close(): Promise<void>
}

export interface TextsOptions {
  /** Folder of the content store. */
  readonly content: string
  /** The thread's code; another one for specs. */
  readonly worker?: URL
  readonly timeoutMs?: number
}

/**
 * Reads mails in a thread bounded in memory and time. When one of several ends it, each is tried alone; what ends its thread even then is read
 * without its attachments, and at last by nothing but what the log says of it. So every copy has a document, whatever is in it.
 */
export const openTexts = ({ content, worker = WORKER, timeoutMs = TIMEOUT_MS }: TextsOptions): Texts => {
  const threads = new Piscina({
    filename: worker.href,
    workerData: { content },
    execArgv: IS_SOURCE ? ['--conditions=source'] : [],
    // ready for the first mail: it takes a second or two
    minThreads: 1,
    maxThreads: 1,
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB, maxYoungGenerationSizeMb: 96 },
  })
  const run = async (job: TextJob): Promise<TextAnswer> =>
    (await threads.run(job, { signal: AbortSignal.timeout(timeoutMs) })) as TextAnswer
  const alone = async (copy: ArchivedCopy): Promise<TextAnswer> => {
    for (const reading of ['all', 'without attachments', 'nothing'] as const) {
      try {
        return await run({ copies: [copy], reading })
      } catch (error) {
        if (reading === 'nothing') throw error
      }
    }
    throw new TypeError('unreachable')
  }
  return {
    async documents(copies) {
      if (copies.length === 0) return []
      let answers: readonly TextAnswer[]
      try {
        answers = [await run({ copies, reading: 'all' })]
      } catch {
        const one: TextAnswer[] = []
        for (const copy of copies) one.push(await alone(copy))
        answers = one
      }
      return answers.flatMap((answer) => {
        if ('documents' in answer) return [...answer.documents]
        const error = new Error(answer.failure.message)
        error.name = answer.failure.name
        throw error
      })
    },
    close: () => threads.close({ force: true }),
  }
}
