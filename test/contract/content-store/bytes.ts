import { createHash } from 'node:crypto'

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

export async function collect(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of source) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** `bytes` in chunks of `size`, all in one reused buffer: a store must not keep what it was handed. */
export async function* inChunks(bytes: Uint8Array, size: number): AsyncIterable<Uint8Array> {
  const buffer = Buffer.alloc(size)
  for (let at = 0; at < bytes.length; at += size) {
    const part = bytes.subarray(at, at + size)
    buffer.set(part)
    yield buffer.subarray(0, part.length)
    buffer.fill(0xff)
  }
}

/** Reproducible bytes that hardly shrink, or that shrink well. */
export function someBytes(size: number, seed: string, shape: 'random' | 'text' = 'random'): Buffer {
  if (shape === 'text') return Buffer.alloc(size, `${seed}: a line of a mail, as there are many.\r\n`)
  const blocks: Buffer[] = []
  for (let at = 0; at < size; at += 32) blocks.push(createHash('sha256').update(`${seed} ${at}`).digest())
  return Buffer.concat(blocks).subarray(0, size)
}
