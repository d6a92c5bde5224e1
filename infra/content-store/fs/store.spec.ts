import { createHash, randomBytes } from 'node:crypto'
import { copyFile, mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Worker } from 'node:worker_threads'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { collect } from '#test/contract/content-store/bytes'
import { ContentCorrupt, type ContentStore, ContentStoreUnavailable } from '../port.ts'
import { largeFile, packFile } from './layout.ts'
import { Pack } from './pack.ts'
import { openFsContentReader } from './reader.ts'
import { openFsContentStore } from './store.ts'

const LATER = Date.UTC(2200, 0, 1)
const LIMIT = 10_000_000

let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'mailkeep-content-'))
})
afterAll(() => rm(root, { recursive: true }))

const onProblem = (problem: Error) => {
  throw problem
}
const open = (name: string) => openFsContentStore({ path: join(root, name), onProblem })
const sizeOf = async (name: string): Promise<number> => (await stat(packFile(join(root, name)))).size

async function fill(store: ContentStore, count: number, size: number): Promise<string[]> {
  const stored = await Promise.all(Array.from({ length: count }, () => store.put(randomBytes(size))))
  return stored.map(({ hash }) => hash)
}

/** Changes the pack database behind the store's back, as a bad disk would. */
function damage(name: string, sql: string): void {
  const db = new DatabaseSync(packFile(join(root, name)))
  db.exec(sql)
  db.close()
}

it('gives the space of what was dropped to what comes next, and the rest back to the disk', async () => {
  let store = await open('space')
  const hashes = await fill(store, 600, 30_000)
  await store.close()
  const full = await sizeOf('space')
  store = await open('space')
  await Promise.all(hashes.map((hash) => store.drop(hash, LATER)))
  await fill(store, 500, 30_000)
  await store.close()
  expect(await sizeOf('space')).toBeLessThan(full * 1.1)

  store = await open('space')
  await Promise.all((await store.list(null, 1_000)).map(({ hash }) => store.drop(hash, LATER)))
  await store.close()
  const pack = new Pack(join(root, 'space'))
  while (pack.idle());
  pack.close()
  expect(await sizeOf('space')).toBeLessThan(full / 2)
})

it('compresses later what was stored in a rush', async () => {
  const store = await open('rush')
  const texts = Array.from({ length: 50 }, (_, n) => Buffer.from(`line ${n} of a text\r\n`.repeat(200)))
  const stored = await Promise.all(texts.map((text) => store.put(text)))
  await store.close()
  const pack = new Pack(join(root, 'rush'))
  while (pack.idle());
  pack.close()
  const db = new DatabaseSync(packFile(join(root, 'rush')))
  const row = db
    .prepare('SELECT count(*) AS rows, max(encoding) AS encoding, max(length(bytes)) AS longest FROM packed')
    .get()
  db.close()
  expect(row).toMatchObject({ rows: 50, encoding: 1 })
  expect(Number(row?.['longest'])).toBeLessThan(500)
  const reader = openFsContentReader(join(root, 'rush'))
  for (const [n, { hash }] of stored.entries()) expect(await reader.read(hash, LIMIT)).toEqual(texts[n])
  await reader.close()
})

it.each([
  ['UPDATE packed SET bytes = zeroblob(length(bytes)), encoding = 0', 'instead of'],
  ['UPDATE packed SET bytes = zeroblob(length(bytes))', "can't be read"],
  ['UPDATE packed SET bytes = zeroblob(4000), encoding = 0', 'have the hash'],
  ['DELETE FROM packed', 'are gone'],
])('tells damage in the pack: %s', async (sql, detail) => {
  const name = createHash('sha256').update(sql).digest('hex').slice(0, 8)
  const store = await open(name)
  const bytes = Buffer.alloc(4_000, 'text ')
  const { hash } = await store.put(bytes)
  damage(name, sql)
  await expect(store.read(hash, LIMIT)).rejects.toThrow(ContentCorrupt)
  await expect(store.read(hash, LIMIT)).rejects.toThrow(detail)
  await expect(collect(store.open(hash))).rejects.toThrow(ContentCorrupt)
  // Put again, it is right again.
  await store.put(bytes)
  expect(await store.read(hash, LIMIT)).toEqual(bytes)
  await store.close()
})

it.each([
  ['cut short', (file: string) => truncate(file, 300_000), 'ends within a frame'],
  ['cut to nothing', (file: string) => truncate(file, 0), 'no frame where one should begin'],
  ['altered', (file: string) => alter(file, 200_000), /can't be decompressed|has the hash/],
  ['altered in a header', (file: string) => alter(file, 0), 'no frame where one should begin'],
  ['lost', (file: string) => rm(file), 'is missing'],
  ['exchanged', (file: string) => copyFile(`${file}.other`, file), 'has the hash'],
])('tells damage in a large file: %s', async (name, change, detail) => {
  const store = await open(name)
  const bytes = randomBytes(400_000)
  const { hash } = await store.put(bytes)
  const other = await store.put(randomBytes(400_000))
  const file = largeFile(join(root, name), hash)
  await copyFile(largeFile(join(root, name), other.hash), `${file}.other`)
  await change(file)
  await expect(store.read(hash, LIMIT)).rejects.toThrow(detail)
  await expect(collect(store.open(hash))).rejects.toThrow(ContentCorrupt)
  await store.put(bytes)
  expect((await store.read(hash, LIMIT)).equals(bytes)).toBe(true)
  await store.close()
})

async function alter(file: string, at: number): Promise<void> {
  const bytes = await readFile(file)
  bytes[at] = (bytes[at] ?? 0) ^ 0xff
  await writeFile(file, bytes)
}

it('removes large files that a crash left without a row', async () => {
  const store = await open('suspects')
  const { hash } = await store.put(randomBytes(200_000))
  const { hash: kept } = await store.put(randomBytes(200_000))
  await store.close()
  // As if the process had died after the file was placed, or before it was unlinked.
  damage(
    'suspects',
    `DELETE FROM content WHERE hash = x'${hash}'; INSERT INTO suspect VALUES (x'${hash}'), (x'${kept}')`,
  )
  const again = await open('suspects')
  await expect(stat(largeFile(join(root, 'suspects'), hash))).rejects.toThrow('ENOENT')
  expect(await again.has(hash)).toBe(false)
  expect(await again.read(kept, LIMIT)).toHaveLength(200_000)
  await again.close()
})

it('has one writer at a time', async () => {
  const store = await open('one')
  await expect(open('one')).rejects.toThrow('another process has it open for writing')
  await store.close()
  await (await open('one')).close()
})

it('says what is wrong when it can not be opened', async () => {
  await writeFile(join(root, 'file'), '')
  await expect(open('file')).rejects.toThrow(ContentStoreUnavailable)
  expect(() => openFsContentReader(join(root, 'nowhere'))).toThrow(ContentStoreUnavailable)

  await (await open('newer')).close()
  damage('newer', 'PRAGMA user_version = 99')
  await expect(open('newer')).rejects.toThrow('version 99, this build knows 1')

  await (await open('garbage')).close()
  await writeFile(packFile(join(root, 'garbage')), 'x'.repeat(10_000))
  await expect(open('garbage')).rejects.toThrow('is damaged')
})

it('starts its writer thread again when that has died', async () => {
  const threads: Worker[] = []
  const note = (thread: Worker): void => void threads.push(thread)
  process.on('worker', note)
  const store = await open('dying')
  const { hash } = await store.put(randomBytes(1_000))
  await threads.at(-1)?.terminate()
  const after = await store.put(randomBytes(300_000))
  // A task that is under way when the thread dies is told so, and nothing waits for ever.
  const lost = Promise.allSettled([store.put(randomBytes(500)), store.put(randomBytes(500))])
  await threads.at(-1)?.terminate()
  for (const outcome of await lost) expect(['fulfilled', 'rejected']).toContain(outcome.status)
  const last = await store.put(randomBytes(2_000))
  for (const one of [hash, after.hash, last.hash]) expect(await store.has(one)).toBe(true)
  process.off('worker', note)
  await store.close()
})
