import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { eventTypes } from '#domain/event-types'
import { exampleOf } from '#test/contract/event-log/example'
import { createCodec } from './codec.ts'
import type { Position } from './port.ts'

/*
 * What is in the log stays in the log: the schema of each version of each event is kept here as it was when it was first written.
 * MAILKEEP_UPDATE_GOLDENS=1 writes those of new versions; one that is there is never written again.
 */
const GOLDEN = new URL('./golden/', import.meta.url)

const PLACE = { stream: 'golden-example', revision: 0, position: '0'.repeat(20) as Position }

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
    (type, declared) => {
      const codec = createCodec([declared])
      for (let version = 1; version <= declared.version; version++) {
        const schema: unknown = JSON.parse(readFileSync(golden(type, version), 'utf8'))
        const read = (example: unknown) => codec.decode({ ...PLACE, type, version, data: JSON.stringify(example) }).data
        const example = exampleOf(schema, (candidate) => declared.schema.safeParse(read(candidate)).success)
        expect(codec.encode(PLACE.stream, { type, data: read(example) }).version).toBe(declared.version)
      }
    },
  )

  it('is declared for every event of every domain', async () => {
    const domain = new URL('../../domain/', import.meta.url)
    const listed = new Set<unknown>(eventTypes)
    const missing: string[] = []
    for (const folder of readdirSync(domain)) {
      const file = new URL(`${folder}/events.ts`, domain)
      if (!existsSync(file)) continue
      const module: Record<string, unknown> = await import(file.href)
      for (const [name, list] of Object.entries(module)) {
        if (!name.endsWith('EventTypes') || !Array.isArray(list)) continue
        if (!list.every((declared) => listed.has(declared))) missing.push(`${folder}: ${name}`)
      }
    }
    expect(missing).toEqual([])
  })

  it('has no golden file of an event that is no longer declared: what was stored must be readable for ever', () => {
    const declared = new Map(eventTypes.map(({ type, version }) => [type, version]))
    const orphans = readdirSync(GOLDEN).filter((name) => {
      const [, type = '', version = ''] = /^(\w+)\.v(\d+)\.golden\.json$/.exec(name) ?? []
      return Number(version) > (declared.get(type) ?? 0) || version === ''
    })
    expect(orphans).toEqual([])
  })
})
