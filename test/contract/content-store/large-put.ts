import { randomBytes } from 'node:crypto'
import { openFsContentStore } from '#infra/content-store/fs/store'

/**
 * Run as a process of its own: puts 50 MB ten times into the folder given, and prints by how many bytes each raised the process's
 * memory. `own`: each chunk has memory of its own, as a socket gives them, until the garbage is collected; `reused`: all have the same, so
 * that only the store's own memory is seen.
 */
const [path = '', chunks = 'reused'] = process.argv.slice(2)
const MB = 1_048_576
const CHUNK = 65_536

const store = await openFsContentStore({ path })
let peak = 0
const lines = Buffer.from(randomBytes(CHUNK).toString('base64')).subarray(0, CHUNK)
const source = async function* (seed: number, size: number): AsyncIterable<Uint8Array> {
  const reused = Buffer.allocUnsafeSlow(CHUNK)
  for (let sent = 0; sent < size; sent += CHUNK) {
    const chunk = chunks === 'own' ? Buffer.allocUnsafeSlow(CHUNK) : reused
    chunk.set(lines)
    chunk.write(`${seed} ${sent}`)
    yield chunk
    // A socket's next chunk never comes within the same turn.
    await new Promise(setImmediate)
    peak = Math.max(peak, process.memoryUsage.rss())
  }
}

await store.put(Buffer.from('small'))
await store.put(source(0, 10 * MB))
const rises: number[] = []
for (let round = 1; round <= 10; round += 1) {
  const before = process.memoryUsage.rss()
  peak = before
  await store.put(source(round, 50 * MB))
  rises.push(Math.max(peak, process.memoryUsage.rss()) - before)
}
await store.close()
console.log(JSON.stringify(rises))
