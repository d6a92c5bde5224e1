import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import type { Instant } from '#domain/kernel/instant'
import { FILE_TYPES } from '#infra/content-scan/text/port'
import type { StoredDocument } from '../port.ts'
import { SIZE_CLASSES } from '../size-classes.ts'

/** A document's row begins with its date. 2^21 documents can have the same one. */
const SPARE_BITS = 21n
/** Beyond the year 2109 all dates are one. */
const LATEST = 2 ** 42 - 1

export const firstRowOf = (date: Instant): bigint =>
  BigInt(Math.min(Math.max(0, Math.floor(date)), LATEST)) << SPARE_BITS

/** Less than this JSON is kept as it is. Bytes. */
const WORTH_PACKING = 400
const ZSTD_MAGIC = 0x28

export const packDocument = (document: StoredDocument): Uint8Array => {
  const json = Buffer.from(JSON.stringify(document))
  return json.length < WORTH_PACKING ? json : zstdCompressSync(json)
}

export const unpackDocument = (packed: Uint8Array): StoredDocument =>
  JSON.parse(
    (packed[0] === ZSTD_MAGIC ? zstdDecompressSync(packed) : Buffer.from(packed)).toString('utf8'),
  ) as StoredDocument

/*
 * What is counted of a document, in 53 bits: 26 for its circle (row of `circles`), 12 for the kinds of its attachments, 3 for its size, 12
 * for its month since 1970.
 */
const TYPE_BITS = 2 ** 12
const SIZE_BITS = 2 ** 3
const MONTH_BITS = 2 ** 12
export const MOST_CIRCLES = 2 ** 26

export const packFacets = (circle: number, types: readonly string[], size: number, date: Instant): number => {
  const kinds = FILE_TYPES.reduce((bits, type, at) => (types.includes(type) ? bits + 2 ** at : bits), 0)
  return ((circle * TYPE_BITS + kinds) * SIZE_BITS + sizeClass(size)) * MONTH_BITS + monthOf(date)
}

export const unpackFacets = (facets: number): { circle: number; types: number; size: number; month: number } => {
  const month = facets % MONTH_BITS
  const sizes = Math.floor(facets / MONTH_BITS)
  const types = Math.floor(sizes / SIZE_BITS)
  return { month, size: sizes % SIZE_BITS, types: types % TYPE_BITS, circle: Math.floor(types / TYPE_BITS) }
}

const sizeClass = (size: number): number => SIZE_CLASSES.findIndex(({ under }) => size < under)

const monthOf = (date: Instant): number => {
  const at = new Date(Math.max(0, date))
  return Math.min(MONTH_BITS - 1, (at.getUTCFullYear() - 1970) * 12 + at.getUTCMonth())
}

export const monthName = (month: number): string =>
  `${1970 + Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, '0')}`
