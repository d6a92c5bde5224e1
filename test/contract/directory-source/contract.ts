import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RecipientSource } from '#infra/directory-source/port'

/** A server behind a source, which knows `ann@source.test` and nobody else, and a fresh source that asks it. */
export interface SourceUnderTest {
  open(): RecipientSource
  add(address: string): Promise<void>
  stop(): Promise<void>
  start(): Promise<void>
  /** For good. */
  end(): Promise<void>
}

/** What the port promises, whatever the source. */
export const recipientSourceContract = (name: string, begin: () => Promise<SourceUnderTest>): void => {
  describe(`${name} as a source of recipients`, () => {
    let under: SourceUnderTest
    const opened: RecipientSource[] = []
    const open = (): RecipientSource => {
      const source = under.open()
      opened.push(source)
      return source
    }
    const ask = async (source: RecipientSource, address: string) =>
      (await source.lookUp(address, AbortSignal.timeout(10_000))).kind

    beforeAll(async () => {
      under = await begin()
    })
    afterAll(async () => {
      await Promise.all(opened.map((source) => source.close()))
      await under.end()
    })

    it('knows who is there and nobody else', async () => {
      const source = open()
      expect(['recipient', 'entries']).toContain(await ask(source, 'ann@source.test'))
      for (const nobody of ['ben@source.test', 'an@source.test', '*@source.test', 'ann@source.test.test'])
        expect(await ask(source, nobody)).toBe('unknown')
    })

    it('says why it does not know somebody', async () => {
      const found = await open().lookUp('ben@source.test', AbortSignal.timeout(10_000))
      expect(found).toMatchObject({ kind: 'unknown', reason: expect.stringMatching(/\w/) })
    })

    it('knows at once who was added', async () => {
      const source = open()
      expect(await ask(source, 'new@source.test')).toBe('unknown')
      await under.add('new@source.test')
      expect(['recipient', 'entries']).toContain(await ask(source, 'new@source.test'))
    })

    it('answers many questions at the same time', async () => {
      const source = open()
      const known = Array.from({ length: 20 }, (_, at) => (at % 2 === 0 ? 'ann@source.test' : `no${at}@source.test`))
      const answers = await Promise.all(known.map((address) => ask(source, address)))
      expect(answers.map((kind) => kind === 'unknown')).toEqual(known.map((address) => address !== 'ann@source.test'))
    })

    it('is away while it is down, never sure, and goes on by itself when it is back', async () => {
      const source = open()
      await ask(source, 'ann@source.test')
      await under.stop()
      expect(await ask(source, 'ann@source.test')).toBe('away')
      expect(await ask(source, 'ben@source.test')).toBe('away')
      await under.start()
      expect(['recipient', 'entries']).toContain(await ask(source, 'ann@source.test'))
      expect(await ask(source, 'ben@source.test')).toBe('unknown')
    })

    it('is away when there was no time to ask', async () => {
      expect((await open().lookUp('ann@source.test', AbortSignal.abort())).kind).toBe('away')
    })
  })
}
