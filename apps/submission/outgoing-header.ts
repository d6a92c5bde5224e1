import type { Instant } from '#domain/kernel/instant'
import type { Address } from '#domain/message/mailbox'
import { rfc5322Date } from '#infra/smtp/rfc5322-date'
import type { HeaderField } from './header-fields.ts'

/** What the submission lacks, and what its From becomes. */
export interface OutgoingWishes {
  readonly now: Instant
  /** Without its brackets. */
  readonly newMessageId: string
  /** Policy has the From written anew: the account and its display name. */
  readonly rewriteFrom: { readonly address: Address; readonly name: string } | null
}

const HIDDEN = new Set(['bcc', 'resent-bcc'])

/**
 * The header block as it goes out (RFC 6409 8): Date and Message-ID added where missing, on top; Bcc gone; every other octet as it came. null: nothing
 * changes.
 */
export const outgoingHeader = (
  block: Buffer,
  fields: readonly HeaderField[],
  { now, newMessageId, rewriteFrom }: OutgoingWishes,
): Buffer | null => {
  const names = new Set(fields.map(({ name }) => name))
  const added: string[] = []
  if (!names.has('date')) added.push(`Date: ${rfc5322Date(now)}\r\n`)
  if (!names.has('message-id')) added.push(`Message-ID: <${newMessageId}>\r\n`)
  const parts: Buffer[] = []
  let keptFrom = 0
  const replace = ({ start, end }: HeaderField, by: Buffer | null): void => {
    if (start > keptFrom) parts.push(block.subarray(keptFrom, start))
    if (by !== null) parts.push(by)
    keptFrom = end
  }
  for (const field of fields) {
    if (HIDDEN.has(field.name)) replace(field, null)
    else if (rewriteFrom !== null && field.name === 'from') replace(field, rewritten(block, field, rewriteFrom, names))
    // Who is not who they say in From is no Sender either.
    else if (rewriteFrom !== null && RESENDERS.has(field.name)) replace(field, null)
  }
  if (added.length === 0 && parts.length === 0 && keptFrom === 0) return null
  return Buffer.concat([Buffer.from(added.join('')), ...parts, block.subarray(keptFrom)])
}

const RESENDERS = new Set(['sender', 'resent-from', 'resent-sender'])

/** The account's own address; where it came from goes into Reply-To, so that answers get there, unless there is one. */
const rewritten = (
  block: Buffer,
  field: HeaderField,
  { address, name }: NonNullable<OutgoingWishes['rewriteFrom']>,
  names: ReadonlySet<string>,
): Buffer => {
  const from = Buffer.from(`From: ${displayed(name)}<${address}>\r\n`)
  if (names.has('reply-to')) return from
  return Buffer.concat([from, Buffer.from('Reply-To:'), block.subarray(field.valueStart, field.end)])
}

/** As a quoted string, beyond ASCII as an encoded-word (RFC 2047). */
const displayed = (name: string): string => {
  const clean = name.replaceAll(/\p{Cc}/gu, ' ').trim()
  if (clean === '') return ''
  if (/^[\x20-\x7e]+$/.test(clean)) return `"${clean.replaceAll(/["\\]/g, String.raw`\$&`)}" `
  return `${encodedWords(clean).join('\r\n ')} `
}

/** Of at most 75 characters each, no character broken between two. */
const encodedWords = (text: string): string[] => {
  const words: string[] = []
  let held = ''
  const flush = (): void => {
    if (held !== '') words.push(`=?utf-8?B?${Buffer.from(held).toString('base64')}?=`)
    held = ''
  }
  for (const character of text) {
    if (Buffer.byteLength(held + character) > 45) flush()
    held += character
  }
  flush()
  return words
}
