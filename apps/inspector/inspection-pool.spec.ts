import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, expect, it } from 'vitest'
import { ContentStoreUnavailable } from '#infra/content-store/port'
import { temporaryFolder } from '#test/dsl/temporary'
import type { InspectionJob } from './inspection.ts'
import { InspectionPool } from './inspection-pool.ts'

/** Does what the job's content hash says. */
const WORKER = `
import { threadId } from 'node:worker_threads'
export default async ({ contentHash }) => {
  if (contentHash === 'unavailable') return { failure: { name: 'ContentStoreUnavailable', message: 'disk full', stack: null } }
  if (contentHash === 'failing') return { failure: { name: 'RangeError', message: 'too much', stack: null } }
  await new Promise((wake) => setTimeout(wake, 100))
  if (contentHash === 'deadly') process.exit(3)
  await new Promise((wake) => setTimeout(wake, 100))
  return { inspection: { scan: null, judgement: null, threadId } }
}
`

const pools: InspectionPool[] = []
afterEach(async () => {
  for (const pool of pools.splice(0)) await pool.close()
})

const newPool = async (): Promise<InspectionPool> => {
  const worker = join(await temporaryFolder(), 'worker.mjs')
  await writeFile(worker, WORKER)
  const data = { content: '', engines: [], clamdAddress: null, dnsServers: [] }
  const pool = new InspectionPool(data, 8, { worker: pathToFileURL(worker) })
  pools.push(pool)
  return pool
}

const job = (contentHash: string): InspectionJob => ({
  contentHash,
  size: 1,
  wants: 'scan',
  scored: [],
  judging: null,
})

it('inspects the mails that were in the thread of one that ended it, and blames that one alone', async () => {
  const pool = await newPool()
  const outcomes = await Promise.allSettled(['deadly', 'a', 'b', 'c', 'd'].map((hash) => pool.inspect(job(hash))))
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled', 'fulfilled', 'fulfilled'])
  await expect(pool.inspect(job('deadly'))).rejects.toThrow(/ended the thread it ran in: worker exited with code: 3/)
})

it('keeps what ended a thread away from the others from then on', async () => {
  const pool = await newPool()
  await expect(pool.inspect(job('deadly'))).rejects.toThrow('ended the thread')
  const before = await pool.inspect(job('a'))
  await Promise.allSettled([pool.inspect(job('deadly')), pool.inspect(job('b'))])
  // The same thread as before: nobody ended it.
  expect(await pool.inspect(job('c'))).toEqual(before)
})

it('tells a failure of the mail from one of the disk', async () => {
  const pool = await newPool()
  await expect(pool.inspect(job('unavailable'))).rejects.toThrow(ContentStoreUnavailable)
  await expect(pool.inspect(job('failing'))).rejects.toMatchObject({ name: 'RangeError', message: 'too much' })
})
