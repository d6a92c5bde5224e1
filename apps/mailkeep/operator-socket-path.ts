import { createHash } from 'node:crypto'
import { statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'

/** A unix socket's path has 107 bytes at most. */
const LONGEST_PATH = 100

/** Where the server of this data folder listens for its operator. The folder's permissions are the right to use it. */
export const operatorSocketPath = (data: string): string => {
  const path = join(resolve(data), 'operator.sock')
  if (Buffer.byteLength(path) <= LONGEST_PATH) return path
  return join(tmpdir(), `mailkeep-${createHash('sha256').update(path).digest('hex').slice(0, 20)}`, 'operator.sock')
}

/**
 * The socket's folder belongs to whom the data belongs to. Beside a long data path it lies under the system's temporary folder, where
 * anybody could have made one of that name first, to be told passwords.
 */
export const isTrusted = (path: string, data: string): boolean => {
  const folder = dirname(path)
  return folder === resolve(data) || statSync(folder).uid === statSync(data).uid
}
