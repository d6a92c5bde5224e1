import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { eventTypes } from '#domain/event-types'

/*
 * What is in the log stays in the log: the schema of each version of each event is kept here as it was when it was first written.
 * MAILKEEP_UPDATE_GOLDENS=1 writes those of new versions; one that is there is never written again.
 */
const GOLDEN = new URL('./golden/', import.meta.url)

const golden = (type: string, version: number): URL => new URL(`${type}.v${version}.golden.json`, GOLDEN)

describe('the storage format of events', () => {
  it('has wire names that are unique over all aggregates', () => {
    const names = eventTypes.map(({ type }) => type)
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
  })

  it.each(eventTypes.map((declared) => [declared.type, declared] as const))(
    '%s is what its golden file says',
    (type, { schema, version }) => {
      const now = `${JSON.stringify(z.toJSONSchema(schema, { io: 'output' }), null, 2)}\n`
      const file = golden(type, version)
      if (process.env['MAILKEEP_UPDATE_GOLDENS'] === '1' && !existsSync(file)) writeFileSync(file, now)
      expect(
        existsSync(file),
        `${type} has no golden file for version ${version}: MAILKEEP_UPDATE_GOLDENS=1 writes it`,
      ).toBe(true)
      expect(now, `the schema of ${type} has changed: it needs version ${version + 1} and an upcast`).toBe(
        readFileSync(file, 'utf8'),
      )
    },
  )

  it.each(eventTypes.map((declared) => [declared.type, declared] as const))(
    '%s can be read in every version that ever was',
    (_type, { upcasts, version }) => {
      for (let old = 1; old < version; old++)
        expect(upcasts[old], `no upcast from version ${old}`).toBeTypeOf('function')
    },
  )

  it('has no golden file of an event that is no longer declared: what was stored must be readable for ever', () => {
    const declared = new Map(eventTypes.map(({ type, version }) => [type, version]))
    const orphans = readdirSync(GOLDEN).filter((name) => {
      const [, type = '', version = ''] = /^(\w+)\.v(\d+)\.golden\.json$/.exec(name) ?? []
      return Number(version) > (declared.get(type) ?? 0) || version === ''
    })
    expect(orphans).toEqual([])
  })
})
