import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Projection } from '#domain/kernel/projection'
import { add, put, remove, set } from '#domain/kernel/projection'
import type { Position } from '#infra/event-log/port'
import type { Build, ViewEvent } from '#infra/views/build'
import type { NotifiedViewReader } from '#infra/views/reader'
import type { ViewStore } from '#infra/views/store'
import { MemoryView } from '#test/dsl/projection'

/** What a view store under test is made of; `open` again finds what the last one left. */
export interface StoreUnderTest {
  open(): { readonly store: ViewStore; readonly reader: () => NotifiedViewReader }
  /** Makes the next open find a file it can't use. */
  damage(): void
  cleanUp(): void
}

type Sold = { readonly type: 'Sold'; readonly data: { readonly item: string; readonly pieces: number } }
type Priced = { readonly type: 'Priced'; readonly data: { readonly item: string; readonly price: number | null } }
type Withdrawn = { readonly type: 'Withdrawn'; readonly data: { readonly item: string } }
type Refused = { readonly type: 'Poisoned'; readonly data: { readonly how: 'throws' | 'bad-row' } }
type ShopEvent = Sold | Priced | Withdrawn | Refused

/** Uses every kind of change, and reads rows of the same batch. */
const shop: Projection<ShopEvent> = {
  name: 'shop',
  version: 1,
  tables: [
    {
      name: 'items',
      key: ['item'],
      columns: { item: 'text', price: 'real', sold: 'integer', note: 'text' },
      indexes: [['price', 'item']],
    },
    { name: 'sales', key: ['item', 'pieces'], columns: { item: 'text', pieces: 'integer', times: 'integer' } },
  ],
  types: ['Sold', 'Priced', 'Withdrawn', 'Poisoned'],
  project: (event, rows) => {
    switch (event.type) {
      case 'Priced': {
        const { item, price } = event.data
        const known = rows.get('items', [item])
        if (known === undefined) return [put('items', { item, price, sold: 0, note: null })]
        return [set('items', [item], { price })]
      }
      case 'Sold': {
        const { item, pieces } = event.data
        const sale = add('sales', [item, pieces], { times: 1 })
        // Blind: whether there is such an item is the store's to find out.
        return pieces % 2 === 0
          ? [sale, set('items', [item], { note: `${pieces} at once` })]
          : [sale, add('items', [item], { sold: pieces })]
      }
      case 'Withdrawn':
        return [remove('items', [event.data.item])]
      case 'Poisoned':
        if (event.data.how === 'throws') throw new Error('no such thing')
        return [
          put('items', { item: 'half', price: 1, sold: 1, note: 'half' }),
          set('items', ['half'], { sold: 'many' }),
        ]
    }
  },
}

const position = (number: number) => String(number).padStart(20, '0') as Position

const events = (...given: readonly ShopEvent[]): ViewEvent[] =>
  given.map((event, index) => ({
    ...event,
    id: `event-${index + 1}`,
    stream: 'shop-1',
    revision: index,
    position: position(index + 1),
    occurredAt: 1_740_830_400_000 + index,
    actor: { kind: 'system', part: 'spec' },
  }))

const sold = (item: string, pieces: number): Sold => ({ type: 'Sold', data: { item, pieces } })
const priced = (item: string, price: number | null): Priced => ({ type: 'Priced', data: { item, price } })
const withdrawn = (item: string): Withdrawn => ({ type: 'Withdrawn', data: { item } })
const poisoned = (how: 'throws' | 'bad-row'): Refused => ({ type: 'Poisoned', data: { how } })

/** The behaviour every view store has. */
export const viewStoreContract = (name: string, make: () => StoreUnderTest): void => {
  describe(`view store: ${name}`, () => {
    let under: StoreUnderTest
    let store: ViewStore
    let readers: NotifiedViewReader[]
    let newReader: () => NotifiedViewReader

    const open = () => {
      const opened = under.open()
      store = opened.store
      newReader = () => {
        const reader = opened.reader()
        readers.push(reader)
        return reader
      }
    }
    const close = () => {
      for (const reader of readers.splice(0)) reader.close()
      store.close()
    }
    const live = (projection: Projection = shop): Build => {
      const build = store.live(projection)
      if (build === undefined) throw new Error('no live build')
      return build
    }
    const items = (reader: NotifiedViewReader) => reader.select('shop', 'SELECT * FROM {items} ORDER BY item')
    const apply = (build: Build, all: readonly ViewEvent[]) =>
      store.apply([build], all, all.at(-1)?.position as Position)

    beforeEach(() => {
      under = make()
      readers = []
      open()
    })
    afterEach(() => {
      close()
      under.cleanUp()
    })

    test('rows and checkpoint appear together, and are there after a restart', () => {
      apply(live(), events(priced('tea', 2.5), sold('tea', 3), sold('tea', 2), sold('tea', 3)))
      const expected = [{ item: 'tea', price: 2.5, sold: 6, note: '2 at once' }]
      expect(items(newReader())).toEqual(expected)
      close()
      open()
      const reader = newReader()
      expect(items(reader)).toEqual(expected)
      expect(reader.get('shop', 'sales', ['tea', 3])).toEqual({ item: 'tea', pieces: 3, times: 2 })
      expect(reader.get('shop', 'sales', ['tea', 4])).toBeUndefined()
      expect(reader.checkpoint('shop')).toBe(position(4))
      expect(live()).toMatchObject({ checkpoint: position(4), events: 4, stopped: null })
    })

    test('events up to the checkpoint are not taken twice', () => {
      const all = events(priced('tea', 1), sold('tea', 1))
      const build = live()
      apply(build, all.slice(0, 1))
      apply(build, all)
      apply(build, all)
      expect(items(newReader())).toEqual([{ item: 'tea', price: 1, sold: 1, note: null }])
      expect(build.events).toBe(2)
    })

    test('the checkpoint passes events that are none of its business', () => {
      const build = live()
      store.apply([build], [], position(900))
      expect(newReader().checkpoint('shop')).toBe(position(900))
      expect(build.events).toBe(0)
    })

    test.each(['throws', 'bad-row'] as const)(
      'an event it can not take (%s) stops it right before, and only it',
      (how) => {
        const other = { ...shop, name: 'other', types: ['Priced'] as const }
        const all = events(priced('tea', 1), poisoned(how), priced('tea', 2))
        const [first, second] = [live(), live(other)]
        store.apply([first, second], all, position(3))
        expect(first).toMatchObject({ checkpoint: position(1), events: 1 })
        expect(first.stopped).toMatchObject({
          id: 'event-2',
          position: position(2),
          stream: 'shop-1',
          revision: 1,
          type: 'Poisoned',
          reason: how === 'throws' ? 'no such thing' : 'table items: sold is integer, not string many',
        })
        expect(second).toMatchObject({ checkpoint: position(3), stopped: null })
        const reader = newReader()
        expect(items(reader)).toEqual([{ item: 'tea', price: 1, sold: 0, note: null }])
        expect(reader.select('other', 'SELECT price FROM {items}')).toEqual([{ price: 2 }])
        close()
        open()
        expect(live().stopped).toMatchObject({ id: 'event-2' })
      },
    )

    test('a view that stopped stays where it is until it is resumed', () => {
      const build = live()
      apply(build, events(priced('tea', 1), poisoned('throws')))
      apply(build, events(priced('tea', 1), sold('tea', 1), priced('tea', 2)))
      expect(build.checkpoint).toBe(position(1))
      build.resume()
      apply(build, events(priced('tea', 1), sold('tea', 1), priced('tea', 2)))
      expect(items(newReader())).toEqual([{ item: 'tea', price: 2, sold: 1, note: null }])
    })

    test('another version is no live view: it is rebuilt beside and swapped', () => {
      apply(live(), events(priced('tea', 1)))
      const reader = newReader()
      expect(items(reader)).toHaveLength(1)
      const next = { ...shop, version: 2 }
      expect(store.live(next)).toBeUndefined()
      const beside = store.begin(next, 'rebuild')
      apply(beside, events(priced('tea', 1), priced('milk', 2)))
      expect(items(reader)).toHaveLength(1)
      store.swap(beside)
      expect(items(reader)).toHaveLength(2)
      expect(reader.checkpoint('shop')).toBe(position(2))
      expect(store.live(next)).toMatchObject({ generation: beside.generation })
      expect(store.live(shop)).toBeUndefined()
    })

    test('tables that changed without a new version count as another version', () => {
      apply(live(), events(priced('tea', 1)))
      const changed = {
        ...shop,
        tables: [...shop.tables, { name: 'more', key: ['a'], columns: { a: 'text' } as const }],
      }
      expect(store.live(changed)).toBeUndefined()
    })

    test('an interrupted rebuild goes on where it was; an interrupted verification is forgotten', () => {
      live()
      apply(store.begin(shop, 'rebuild'), events(priced('tea', 1)))
      apply(store.begin(shop, 'verify'), events(priced('tea', 1)))
      close()
      open()
      expect(store.begin(shop, 'rebuild').checkpoint).toBe(position(1))
      expect(store.begin(shop, 'verify').checkpoint).toBeNull()
    })

    test('views nobody asks for are thrown away', () => {
      live()
      store.forgetOthers([])
      const reader = newReader()
      expect(() => items(reader)).toThrow('there is no view shop')
    })

    test('an unusable file is thrown away, and said', () => {
      apply(live(), events(priced('tea', 1)))
      close()
      under.damage()
      open()
      expect(store.discarded).not.toBeNull()
      expect(live().checkpoint).toBeNull()
    })

    test('who waits for a position is told when it is there, or that it is not', async () => {
      const build = live()
      const reader = newReader()
      const early = reader.caughtUp('shop', position(2))
      apply(build, events(priced('tea', 1), priced('tea', 2)))
      reader.notify()
      await early
      await reader.caughtUp('shop', position(2))
      await expect(reader.caughtUp('shop', position(3), 10)).rejects.toThrow('has not got to position')
    })

    test('a reader says what it does not know', () => {
      live()
      const reader = newReader()
      expect(() => reader.get('nothing', 'items', ['tea'])).toThrow('there is no view nothing')
      expect(() => reader.get('shop', 'nothing', ['tea'])).toThrow('the view shop has no table nothing')
      expect(() => reader.get('shop', 'sales', ['tea'])).toThrow('the key of shop sales is (item, pieces)')
      expect(() => reader.select('shop', 'DELETE FROM {items}')).toThrow(/readonly/)
      expect(reader.select('shop', 'SELECT item FROM {items} WHERE item = :item', { item: 'tea' })).toEqual([])
    })

    test('however a log is cut into batches, the rows are those of one event after the other', () => {
      const item = fc.constantFrom('tea', 'milk', 'rye')
      const event: fc.Arbitrary<ShopEvent> = fc.oneof(
        fc.tuple(item, fc.integer({ min: 1, max: 4 })).map(([name, pieces]) => sold(name, pieces)),
        fc.tuple(item, fc.option(fc.integer({ min: 1, max: 9 }))).map(([name, price]) => priced(name, price)),
        item.map(withdrawn),
      )
      const log = fc.array(event, { minLength: 1, maxLength: 40 })
      const cuts = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 40 })
      fc.assert(
        fc.property(log, cuts, (given, sizes) => {
          const all = events(...given)
          const memory = new MemoryView(shop)
          for (const one of all) memory.take(one)
          const build = store.begin(shop, 'verify')
          for (let from = 0, turn = 0; from < all.length; turn++) {
            const batch = all.slice(from, from + (sizes[turn % sizes.length] ?? 1))
            apply(build, batch)
            from += batch.length
          }
          store.swap(build)
          const reader = newReader()
          expect(items(reader)).toEqual(memory.rows('items'))
          expect(reader.select('shop', 'SELECT * FROM {sales} ORDER BY item, pieces')).toEqual(memory.rows('sales'))
        }),
        { seed: 20260301, numRuns: 60 },
      )
    })
  })
}
