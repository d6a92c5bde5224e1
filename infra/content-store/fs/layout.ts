import { join } from 'node:path'
import { type ContentHash, contentHash } from '#domain/message/content-hash'

/** Contents of at most this many bytes go into the pack database, where puts share an fsync; larger ones are files. */
export const PACKED_MAX_BYTES = 131_072

/** The files of one store below its folder. */
export const packFile = (root: string): string => join(root, 'pack.sqlite')
export const lockFile = (root: string): string => join(root, 'lock.sqlite')
/** What is being received; whatever lies here at a start is left over from a crash. */
export const incomingFolder = (root: string): string => join(root, 'incoming')
export const largeFolder = (root: string): string => join(root, 'large')
/** Spread over 256 folders. A file is a series of zstd frames: `zstd -d` reads it. */
export const largeFile = (root: string, hash: ContentHash): string =>
  join(largeFolder(root), hash.slice(0, 2), `${hash}.zst`)

/** As the database keeps a hash. Of what is no hash, a key that nothing has: it may come from outside. */
export const hashKey = (hash: ContentHash): Buffer =>
  contentHash.safeParse(hash).success ? Buffer.from(hash, 'hex') : Buffer.alloc(0)
