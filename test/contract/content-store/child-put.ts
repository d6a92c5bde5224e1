import { createHash, randomBytes } from 'node:crypto'
import { openFsContentStore } from '#infra/content-store/fs/store'

/**
 * Run as a process of its own in the folder given. `flood`: puts without end, eight at a time, and prints the hash of each when it
 * was acknowledged. `ask`: puts as many bytes as each message says and answers what came of it.
 */
const [path = '', mode = 'flood'] = process.argv.slice(2)
const store = await openFsContentStore({ path })

const bytesOf = (size: number): Buffer => randomBytes(size)

if (mode === 'ask') {
  process.on('message', (size: number) => {
    store.put(bytesOf(size)).then(
      ({ hash }) => process.send?.({ hash }),
      (error: Error) => process.send?.({ error: error.name, message: error.message }),
    )
  })
  process.send?.('ready')
} else {
  const flood = async (): Promise<void> => {
    for (let n = 0; ; n += 1) {
      const bytes = bytesOf(n % 10 === 9 ? 200_000 : 3_000)
      await store.put(bytes)
      process.stdout.write(`${createHash('sha256').update(bytes).digest('hex')}\n`)
    }
  }
  await Promise.all(Array.from({ length: 8 }, flood))
}
