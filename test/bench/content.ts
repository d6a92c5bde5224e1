import { createHash, randomBytes } from 'node:crypto'
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openFsContentStore } from '#infra/content-store/fs/store'

/**
 * Puts per second of the embedded content store by so many writers at once, against a bare loop that hashes, writes and fdatasyncs the
 * same bytes in groups of that size. Arguments: `--puts`, `--writers`, `--bytes`, `--dir`. One line each.
 */
export async function run(args: readonly string[]): Promise<string[]> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      puts: { type: 'string', default: '20000' },
      writers: { type: 'string', default: '20' },
      bytes: { type: 'string', default: '4096' },
      dir: { type: 'string', default: tmpdir() },
    },
  })
  const [puts, writers, bytes] = [Number(values.puts), Number(values.writers), Number(values.bytes)]
  const folder = await mkdtemp(join(values.dir, 'mailkeep-bench-'))
  try {
    const mails = Array.from({ length: 64 }, () => mailLike(bytes))
    const bare = bareLoop(folder, mails, puts, writers)
    const { perSecond, mainShare } = await storeLoop(folder, mails, puts, writers)
    const ratio = (perSecond / bare).toFixed(2)
    return [
      `content: ${Math.round(perSecond)} puts/s of ${bytes} bytes by ${writers} writers, ${ratio} x hash + write + fdatasync (${Math.round(bare)}/s), main thread busy ${Math.round(mainShare * 100)}%`,
    ]
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Headers and base64: shrinks to about three quarters. */
function mailLike(bytes: number): Buffer {
  const head =
    'Received: from mx.example.org by mail.example.net; Message-ID: <x@example.org>\r\nSubject: hello\r\n\r\n'
  return Buffer.from(head + randomBytes(bytes).toString('base64')).subarray(0, bytes)
}

/** The same mail never twice: its last bytes count. */
function numbered(mails: readonly Buffer[], n: number): Buffer {
  const mail = Buffer.from(mails[n % mails.length] ?? Buffer.alloc(8))
  mail.writeUInt32BE(n, mail.length - 4)
  return mail
}

function bareLoop(folder: string, mails: readonly Buffer[], puts: number, group: number): number {
  const descriptor = openSync(join(folder, 'bare'), 'w')
  const began = performance.now()
  for (let n = 0; n < puts; n += group) {
    for (let k = n; k < n + group; k += 1) {
      const mail = numbered(mails, k)
      createHash('sha256').update(mail).digest()
      writeSync(descriptor, mail)
    }
    fdatasyncSync(descriptor)
  }
  const perSecond = (puts / (performance.now() - began)) * 1_000
  closeSync(descriptor)
  return perSecond
}

async function storeLoop(folder: string, mails: readonly Buffer[], puts: number, writers: number) {
  const store = await openFsContentStore({ path: join(folder, 'content') })
  let next = 0
  const writer = async () => {
    while (next < puts) await store.put(numbered(mails, next++))
  }
  const before = performance.eventLoopUtilization()
  const began = performance.now()
  await Promise.all(Array.from({ length: writers }, writer))
  const perSecond = (puts / (performance.now() - began)) * 1_000
  const mainShare = performance.eventLoopUtilization(before).utilization
  await store.close()
  return { perSecond, mainShare }
}
