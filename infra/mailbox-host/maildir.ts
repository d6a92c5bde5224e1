import { constants } from 'node:fs'
import { access, mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Reply } from '#domain/message/reply'
import { syncFolder } from '#infra/config/durable-file'
import { domainOf, localPartOf } from '#domain/message/mailbox'
import { FolderSync } from './folder-sync.ts'
import type { HandedOver, MailboxDelivery, MailboxHost } from './port.ts'

/**
 * Mailboxes as Maildirs (https://cr.yp.to/proto/maildir.html) under `<root>/<domain>/<local part>/`: written to tmp, fsynced, renamed
 * into new, the folder fsynced. The file's name derives from the mail and the recipient, so that a repeat is seen in new and cur.
 */
export class MaildirHost implements MailboxHost {
  readonly name = 'maildir'
  readonly #root: string
  readonly #made = new Set<string>()
  readonly #sync = new FolderSync()

  constructor(root: string) {
    this.#root = root
  }

  async deliver(delivery: MailboxDelivery): Promise<HandedOver> {
    return { reply: await this.#write(delivery), host: this.name, away: false, uncertain: false }
  }

  async #write(delivery: MailboxDelivery): Promise<Reply> {
    const maildir = join(this.#root, ...maildirPath(delivery.mailbox))
    const name = `${delivery.deliveryId}.mailkeep`
    try {
      await this.#make(maildir)
      if (delivery.repeat && (await isThere(maildir, name))) return delivered(`${name} was there already`)
      await write(join(maildir, 'tmp', name), delivery.open({ addsReturnPath: false }))
      await rename(join(maildir, 'tmp', name), join(maildir, 'new', name))
      await this.#sync.sync(join(maildir, 'new'))
      return delivered(`saved as ${name}`)
    } catch (error) {
      this.#made.delete(maildir)
      await removeLeftover(join(maildir, 'tmp', name))
      return replyOf(error)
    }
  }

  async #make(maildir: string): Promise<void> {
    if (this.#made.has(maildir)) return
    const first = await mkdir(join(maildir, 'tmp'), { recursive: true, mode: 0o700 })
    await mkdir(join(maildir, 'cur'), { recursive: true, mode: 0o700 })
    await mkdir(join(maildir, 'new'), { recursive: true, mode: 0o700 })
    if (first !== undefined) {
      await syncFolder(maildir)
      await syncFolder(join(maildir, '..'))
      await syncFolder(this.#root)
    }
    if (this.#made.size > 100_000) this.#made.clear()
    this.#made.add(maildir)
  }
}

/** `<domain>/<local part>`, everything that could leave the folder or confuse a file system percent-encoded. */
export const maildirPath = (mailbox: string): [domain: string, local: string] => [
  safe(domainOf(mailbox)),
  safe(localPartOf(mailbox)),
]

const safe = (part: string): string =>
  part
    .toLowerCase()
    .replaceAll(/^\.|[^a-z0-9._+=-]/g, (character) => encodeURIComponent(character).replaceAll('.', '%2e'))

/** What can't be removed either is written over at the next attempt; the reply is about why the delivery failed. */
const removeLeftover = (path: string): Promise<void> => rm(path, { force: true }).catch(() => undefined)

const isThere = async (maildir: string, name: string): Promise<boolean> => {
  try {
    await access(join(maildir, 'new', name), constants.F_OK)
    return true
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
  }
  const read = await readdir(join(maildir, 'cur'))
  return read.some((entry) => entry === name || entry.startsWith(`${name}:`))
}

/** Bytes gathered before they are written: headers and a small mail are one write. */
const GATHER_BYTES = 64 * 1024

const write = async (path: string, bytes: AsyncIterable<Uint8Array>): Promise<void> => {
  const file = await open(path, 'w', 0o600)
  try {
    let gathered: Uint8Array[] = []
    let size = 0
    for await (const chunk of bytes) {
      // A copy: its memory may be used again for the next one.
      gathered.push(Buffer.from(chunk))
      size += chunk.length
      if (size < GATHER_BYTES) continue
      await file.writeFile(Buffer.concat(gathered))
      gathered = []
      size = 0
    }
    if (size > 0) await file.writeFile(gathered.length === 1 ? gathered[0]! : Buffer.concat(gathered))
    await file.sync()
  } finally {
    await file.close()
  }
}

const delivered = (text: string): Reply => ({ code: 250, enhancedCode: '2.0.0', text })

const codeOf = (error: unknown): string | null =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null

const REPLIES: Readonly<Record<string, Reply>> = {
  ENOSPC: { code: 452, enhancedCode: '4.3.1', text: 'No space left where the mailboxes are' },
  EDQUOT: { code: 452, enhancedCode: '4.2.2', text: 'The mailbox is over its quota' },
  EACCES: { code: 451, enhancedCode: '4.3.0', text: 'The mailbox may not be written' },
  EROFS: { code: 451, enhancedCode: '4.3.0', text: 'Where the mailboxes are nothing can be written' },
}

const replyOf = (error: unknown): Reply => {
  const known = REPLIES[codeOf(error) ?? '']
  if (known) return known
  return {
    code: 451,
    enhancedCode: '4.3.0',
    text: `The mailbox could not be written: ${error instanceof Error ? error.message : String(error)}`.slice(0, 500),
  }
}
