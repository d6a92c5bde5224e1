import { expect, it } from 'vitest'
import { readMetadata, writeMetadata } from './metadata.ts'

const metadata = {
  occurredAt: 1_700_000_000_000,
  actor: { kind: 'system', part: 'inspector' },
  correlationId: 'c',
  causationId: 'k',
} as const

it('is read as it was written', () => {
  expect(readMetadata(writeMetadata(metadata, 3))).toEqual({ metadata, version: 3 })
})

it("carries EventStoreDB's own names, so that its projections find it", () => {
  expect(JSON.parse(writeMetadata(metadata, 1).toString())).toMatchObject({ $correlationId: 'c', $causationId: 'k' })
})

it.each([
  '',
  '{}',
  'null',
  '[]',
  '{"$correlationId":"c","$causationId":"k","occurredAt":1,"schemaVersion":1,"actor":{}}',
])('refuses what is not ours: %s', (stored) => {
  expect(() => readMetadata(Buffer.from(stored))).toThrow(Error)
})
