import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, vi } from 'vitest'
import type { HttpClient } from '#test/dsl/http-client'
import type { Server } from '#test/dsl/server'

export interface TracedEvent {
  readonly type: string
  readonly occurredAt: string
  readonly data: Readonly<Record<string, unknown>>
}
export interface TracedMail {
  readonly client: { readonly address: string; readonly name: string | null }
  readonly recipients: readonly {
    readonly mailbox: string
    readonly state: string
    readonly reason: string | null
    readonly symbols: readonly { readonly name: string }[]
  }[]
  readonly events: readonly TracedEvent[]
}

/** What lies in a Maildir of the demo's, read or not; whole messages. */
export const inbox = async ({ data }: Server, local: string): Promise<readonly string[]> => {
  const mails: string[] = []
  for (const part of ['new', 'cur']) {
    const folder = join(data, 'mailboxes', 'mailkeep.test', local, part)
    const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return []
      throw error
    })
    for (const name of names) mails.push(await readFile(join(folder, name), 'latin1'))
  }
  return mails
}

export const subjects = async (server: Server, local: string): Promise<readonly string[]> =>
  (await inbox(server, local)).map((mail) => /^Subject: (.*)\r$/m.exec(mail)?.[1] ?? '').toSorted()

export const trace = async (admin: HttpClient, id: string): Promise<TracedMail> => {
  const { status, body } = await admin.ask('GET', `/mails/${id}`)
  expect(status, `mail ${id}: ${JSON.stringify(body)}`).toBe(200)
  return body as unknown as TracedMail
}

/** Local part -> `delivered`, `quarantined: virus` ... */
export const outcomes = async (admin: HttpClient, id: string): Promise<Readonly<Record<string, string>>> =>
  Object.fromEntries(
    (await trace(admin, id)).recipients.map(({ mailbox, state, reason }) => [
      mailbox.split('@')[0],
      reason === null ? state : `${state}: ${reason}`,
    ]),
  )

export const eventsOf = async (admin: HttpClient, id: string, type: string): Promise<readonly TracedEvent[]> =>
  (await trace(admin, id)).events.filter((event) => event.type === type)

/** Asks again until it is so; the last failure is the test's. */
export const eventually = <T>(look: () => Promise<T>, withinMs = 20_000): Promise<T> =>
  vi.waitFor(look, { timeout: withinMs, interval: 100 })

export const setPolicy = async (admin: HttpClient, name: string, document: object): Promise<void> => {
  const answer = await admin.ask('PUT', `/policies/${name}`, { document, reason: 'for this test' })
  expect(answer).toMatchObject({ status: 200 })
}
