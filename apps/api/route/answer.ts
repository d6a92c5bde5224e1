import type { Position } from '#infra/event-log/port'
import type { Readable } from 'node:stream'

/** What a route answers. `body` undefined: none. */
export interface Answer {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** Bytes instead of JSON. */
  readonly stream?: Readable
}

type Extras = { readonly position?: Position | null; readonly headers?: Readonly<Record<string, string>> }

/** Says at which position a view shows what a command did (interface.md §4). */
const headersOf = ({ position, headers = {} }: Extras): Readonly<Record<string, string>> =>
  position === undefined || position === null ? headers : { ...headers, 'Mailkeep-Position': position }

export const ok = (body: unknown, extras: Extras = {}): Answer => ({ status: 200, body, headers: headersOf(extras) })
export const created = (body: unknown, extras: Extras = {}): Answer => ({
  status: 201,
  body,
  headers: headersOf(extras),
})
/** Not done yet: the body says where it stands. */
export const pending = (body: unknown, extras: Extras = {}): Answer => ({
  status: 202,
  body,
  headers: headersOf(extras),
})
export const nothing = (extras: Extras = {}): Answer => ({ status: 204, headers: headersOf(extras) })

export const page = (html: string, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status: 200,
  body: html,
  headers: { 'Content-Type': 'text/html; charset=utf-8', ...headers },
})
