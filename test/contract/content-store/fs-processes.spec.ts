import { type ChildProcess, execFileSync, fork, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openFsContentStore } from '#infra/content-store/fs/store'
import type { ContentStore } from '#infra/content-store/port'
import { collect, sha256 } from './bytes.ts'

const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
const SOURCE = ['--conditions=source']
const LIMIT = 1_048_576

let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'mailkeep-content-'))
})
afterAll(() => rm(root, { recursive: true }))

it('has every content it acknowledged after kill -9, and none half', async () => {
  const path = join(root, 'killed')
  for (const acknowledgedBefore of [1, 60, 200]) {
    const child = spawn(process.execPath, [...SOURCE, script('./child-put.ts'), path, 'flood'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const acknowledged: string[] = []
    for await (const hash of createInterface({ input: child.stdout })) {
      acknowledged.push(hash)
      if (acknowledged.length === acknowledgedBefore) child.kill('SIGKILL')
    }
    // Left over from whatever was being received.
    await writeFile(join(path, 'incoming', 'half'), 'half a mail')
    const store = await openFsContentStore({ path })
    for (const hash of acknowledged) expect(sha256(await store.read(hash, LIMIT))).toBe(hash)
    await expectNothingElse(store, path)
    await store.close()
  }
})

/** All that is listed can be read, and there is no file that isn't listed. */
async function expectNothingElse(store: ContentStore, path: string): Promise<void> {
  const listed = await store.list(null, 100_000)
  for (const { hash } of listed) expect(sha256(await collect(store.open(hash)))).toBe(hash)
  expect(await readdir(join(path, 'incoming'))).toEqual([])
  const files = await readdir(join(path, 'large'), { recursive: true, withFileTypes: true })
  const kept = files.filter((file) => file.isFile()).map(({ name }) => name.replace('.zst', ''))
  const large = listed.filter(({ size }) => size > 131_072).map(({ hash }) => hash)
  expect(kept.toSorted()).toEqual(large)
}

it('says so when nothing more can be written, keeps what it has, and goes on when there is room again', async () => {
  const path = join(root, 'full')
  const child = fork(script('./child-put.ts'), [path, 'ask'], { execArgv: SOURCE })
  await once(child, 'message')
  const before = [await ask(child, 3_000), await ask(child, 300_000)]
  limitFiles(child, '8192:unlimited')
  for (const size of [100_000, 300_000]) {
    expect(await ask(child, size)).toMatchObject({
      error: 'ContentStoreUnavailable',
      message: expect.stringContaining(`the content store ${path}`),
    })
  }
  limitFiles(child, 'unlimited:unlimited')
  const after = [await ask(child, 100_000), await ask(child, 300_000), await ask(child, 3_000)]
  child.kill('SIGKILL')
  await once(child, 'exit')
  const store = await openFsContentStore({ path })
  for (const { hash = '' } of [...before, ...after]) expect(sha256(await store.read(hash, LIMIT))).toBe(hash)
  expect(await store.list(null, 10)).toHaveLength(5)
  await expectNothingElse(store, path)
  await store.close()
})

async function ask(child: ChildProcess, size: number): Promise<{ hash?: string; error?: string; message?: string }> {
  child.send(size)
  const [answer] = (await once(child, 'message')) as [{ hash?: string }]
  return answer
}

/** As on a full disk, files can't grow beyond this. */
function limitFiles(child: ChildProcess, limits: string): void {
  execFileSync('prlimit', ['--pid', String(child.pid), `--fsize=${limits}`])
}

it.each([
  ['reused', 8],
  ['own', 16],
])(
  'takes 50 MB in, chunks with %s memory, with less than %i MB (median of ten)',
  { timeout: 90_000 },
  async (chunks, limit) => {
    const child = spawn(process.execPath, [...SOURCE, script('./large-put.ts'), join(root, chunks), chunks], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const rises = JSON.parse((await collect(child.stdout)).toString()) as number[]
    expect(rises).toHaveLength(10)
    expect(rises.toSorted((a, b) => a - b)[5]).toBeLessThan(limit * 1_048_576)
  },
)

it('can be read from other threads while it is written', async () => {
  const store = await openFsContentStore({ path: join(root, 'threads') })
  const thread = new Worker(script('./reading-thread.ts'), {
    workerData: { path: join(root, 'threads') },
    execArgv: SOURCE,
  })
  await once(thread, 'message')
  for (const size of [0, 5_000, 500_000]) {
    const { hash } = await store.put(randomBytes(size))
    thread.postMessage(hash, [])
    expect(await once(thread, 'message')).toEqual([hash])
  }
  await thread.terminate()
  await store.close()
})
