import { createHash, randomUUID } from 'node:crypto'
import { type FileHandle, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { unavailable } from './unavailable.ts'
import { compress, FRAME_BYTES, frameHeader, release } from './frames.ts'
import { incomingFolder, PACKED_MAX_BYTES } from './layout.ts'

const FIRST_ROOM = 8_192

/** What a source turned out to be: small, with its bytes, or large, complete in a synced file. */
export type Received =
  | { readonly kind: 'small'; readonly hash: string; readonly bytes: Uint8Array }
  | { readonly kind: 'large'; readonly hash: string; readonly size: number; readonly file: string }

/**
 * Takes a source in. Holds at most one frame of it, whatever its size; the next chunk is asked for when the last is dealt with.
 * When the source or the disk fails, the file is removed and the error rethrown (the disk's as `ContentStoreUnavailable`).
 */
export async function receive(source: AsyncIterable<Uint8Array>, root: string): Promise<Received> {
  const digest = createHash('sha256')
  let frame: Buffer = Buffer.allocUnsafeSlow(FIRST_ROOM)
  let filled = 0
  let file: IncomingFile | undefined
  try {
    for await (const chunk of source) {
      digest.update(chunk)
      let taken = 0
      while (taken < chunk.length) {
        if (filled === PACKED_MAX_BYTES) {
          file ??= await IncomingFile.create(root)
          await file.write(frame)
          filled = 0
        }
        const room = Math.min(PACKED_MAX_BYTES, filled + chunk.length - taken)
        if (room > frame.length) frame = grow(frame, filled, room)
        const part = chunk.subarray(taken, taken + room - filled)
        frame.set(part, filled)
        filled += part.length
        taken += part.length
      }
    }
    if (file === undefined) return { kind: 'small', hash: digest.digest('hex'), bytes: frame.subarray(0, filled) }
    await file.write(frame.subarray(0, filled))
    await file.finish()
    return { kind: 'large', hash: digest.digest('hex'), size: file.size, file: file.path }
  } catch (error) {
    await file?.discard()
    throw error
  }
}

/** Room for `bytes`, twice as much as before at least, never more than a frame. */
function grow(frame: Buffer, filled: number, bytes: number): Buffer {
  const larger = Buffer.allocUnsafeSlow(Math.min(FRAME_BYTES, Math.max(bytes, frame.length * 2)))
  larger.set(frame.subarray(0, filled))
  return larger
}

class IncomingFile {
  readonly path: string
  size = 0
  readonly #root: string
  readonly #handle: FileHandle
  #open = true

  private constructor(root: string, path: string, handle: FileHandle) {
    this.#root = root
    this.path = path
    this.#handle = handle
  }

  static async create(root: string): Promise<IncomingFile> {
    const path = join(incomingFolder(root), randomUUID())
    try {
      return new IncomingFile(root, path, await open(path, 'wx', 0o600))
    } catch (error) {
      throw unavailable(error, root)
    }
  }

  /** One frame; `content` may be reused afterwards. */
  async write(content: Uint8Array): Promise<void> {
    const compressed = compress(content)
    try {
      await this.#writeAll(frameHeader(compressed.length))
      await this.#writeAll(compressed)
    } catch (error) {
      throw unavailable(error, this.#root)
    } finally {
      release(compressed)
    }
    this.size += content.length
  }

  async #writeAll(bytes: Buffer): Promise<void> {
    let written = 0
    while (written < bytes.length) {
      const { bytesWritten } = await this.#handle.write(bytes, written, bytes.length - written)
      written += bytesWritten
    }
  }

  async finish(): Promise<void> {
    try {
      await this.#handle.datasync()
      await this.#close()
    } catch (error) {
      throw unavailable(error, this.#root)
    }
  }

  async discard(): Promise<void> {
    await this.#close()
    await rm(this.path, { force: true })
  }

  async #close(): Promise<void> {
    if (!this.#open) return
    this.#open = false
    await this.#handle.close()
  }
}
