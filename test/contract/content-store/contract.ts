import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ContentMissing, type ContentStore, ContentStoreUnavailable, ContentTooLarge } from '#infra/content-store/port'
import { collect, inChunks, sha256, someBytes } from './bytes.ts'
import { interleavings } from './interleavings.ts'

const LATER = Date.UTC(2200, 0, 1)
const SIZES = [0, 1, 511, 4_096, 65_536, 131_071, 131_072, 131_073, 262_144, 1_000_003]

/** What every content store does. `open` gives an empty one. */
export function contentStoreContract(name: string, open: () => Promise<ContentStore>): void {
  describe(`${name} as a content store`, () => {
    let store: ContentStore
    beforeAll(async () => {
      store = await open()
    })
    afterAll(() => store.close())

    it.each(SIZES)('gives %i bytes back as they were put, whole and in chunks', async (size) => {
      for (const shape of ['random', 'text'] as const) {
        const bytes = someBytes(size, `${name} ${size}`, shape)
        const stored = await store.put(inChunks(bytes, 10_007))
        expect(stored).toEqual({ hash: sha256(bytes), size })
        expect(await store.has(stored.hash)).toBe(true)
        expect((await collect(store.open(stored.hash))).equals(bytes)).toBe(true)
        expect((await store.read(stored.hash, size)).equals(bytes)).toBe(true)
        expect(await store.put(bytes)).toEqual(stored)
      }
    })

    it('keeps one of what is put several times at once', async () => {
      for (const size of [3_000, 200_000]) {
        const bytes = someBytes(size, randomUUID())
        const puts = await Promise.all(Array.from({ length: 8 }, () => store.put(inChunks(bytes, 5_000))))
        expect(new Set(puts.map(({ hash }) => hash))).toEqual(new Set([sha256(bytes)]))
        expect((await everything(store)).filter(({ hash }) => hash === sha256(bytes))).toHaveLength(1)
      }
    })

    it('keeps nothing of a source that fails, and tells its error', async () => {
      for (const size of [5_000, 400_000]) {
        const bytes = someBytes(size, randomUUID())
        const broken = async function* () {
          yield bytes
          throw new Error('the connection broke')
        }
        await expect(store.put(broken())).rejects.toThrow('the connection broke')
        expect(await store.has(sha256(bytes))).toBe(false)
      }
    })

    it('says what is missing', async () => {
      for (const hash of [sha256(Buffer.from(randomUUID())), 'ab/../../etc/passwd', '']) {
        expect(await store.has(hash)).toBe(false)
        await expect(collect(store.open(hash))).rejects.toThrow(ContentMissing)
        await expect(store.read(hash, 10)).rejects.toThrow(ContentMissing)
        expect(await store.drop(hash, LATER)).toBe(true)
      }
    })

    it('reads no more than the caller takes', async () => {
      for (const size of [100, 300_000]) {
        const { hash } = await store.put(someBytes(size, `limit ${size}`))
        await expect(store.read(hash, size - 1)).rejects.toThrow(ContentTooLarge)
      }
    })

    it('drops what was put before, not what was put again since', async () => {
      for (const size of [3_000, 200_000]) {
        const bytes = someBytes(size, randomUUID())
        const { hash } = await store.put(bytes)
        await pause(5)
        const sweepBegan = Date.now()
        await store.put(bytes)
        expect(await store.drop(hash, sweepBegan)).toBe(false)
        expect((await store.read(hash, size)).equals(bytes)).toBe(true)
        expect(await store.drop(hash, LATER)).toBe(true)
        expect(await store.has(hash)).toBe(false)
        await expect(store.read(hash, size)).rejects.toThrow(ContentMissing)
        await store.put(bytes)
        expect((await store.read(hash, size)).equals(bytes)).toBe(true)
      }
    })

    it('reads on to the end what is dropped meanwhile', async () => {
      const bytes = someBytes(600_000, randomUUID())
      const { hash } = await store.put(bytes)
      const reading = store.open(hash)[Symbol.asyncIterator]()
      const first = await reading.next()
      expect(await store.drop(hash, LATER)).toBe(true)
      const rest = await collect({ [Symbol.asyncIterator]: () => reading })
      expect(Buffer.concat([first.value ?? Buffer.alloc(0), rest]).equals(bytes)).toBe(true)
    })

    it('lists everything once, in the order of the hashes, page by page', async () => {
      const before = Date.now()
      const put = await Promise.all(Array.from({ length: 25 }, (_, n) => store.put(Buffer.from(`listed ${n}`))))
      const all = await everything(store, 7)
      const hashes = all.map(({ hash }) => hash)
      expect(hashes).toEqual(hashes.toSorted())
      expect(new Set(hashes).size).toBe(hashes.length)
      for (const { hash, size } of put) {
        const entry = all.find((one) => one.hash === hash)
        expect(entry?.size).toBe(size)
        expect(entry?.lastPutAt).toBeGreaterThanOrEqual(before)
      }
    })

    interleavings(open)

    it('finishes what was asked when it is closed, and then takes nothing', async () => {
      const closing = await open()
      const put = closing.put(Buffer.from('at the last moment'))
      const [stored] = await Promise.all([put, closing.close()])
      expect(stored.size).toBe(18)
      await closing.close()
      await expect(closing.put(Buffer.from('too late'))).rejects.toThrow(ContentStoreUnavailable)
      await expect(closing.read(stored.hash, 100)).rejects.toThrow(ContentStoreUnavailable)
      await expect(closing.drop(stored.hash, LATER)).rejects.toThrow(ContentStoreUnavailable)
    })
  })
}

async function everything(store: ContentStore, page = 1_000) {
  const all = [...(await store.list(null, page))]
  for (;;) {
    const next = await store.list(all.at(-1)?.hash ?? null, page)
    if (next.length === 0) return all
    all.push(...next)
  }
}
