import type { DigestContent } from '#domain/digest/events'
import { whyHeld } from '#domain/mail/why-held'
import type { ScoredSymbol } from '#domain/mail/events'
import type { LinkAct } from '#infra/credentials/link-tokens'
import type { QuarantineRow } from '#projections/quarantine/projection'
import { filled, layout } from './layout.ts'
import { isFalseName } from '#domain/message/false-name'
import { escaped, shownText, withoutLinks } from '#domain/message/shown-text'

/** A held mail and what its score is made of. */
export interface HeldMail {
  readonly row: QuarantineRow
  readonly symbols: readonly ScoredSymbol[]
}

export interface DigestToCompose {
  readonly address: string
  readonly timeZone: string
  /** Of those the event names the ones that are held still, newest first. */
  readonly held: readonly HeldMail[]
  readonly tells: DigestContent
  /** The address of the link for an act; about a mail, or about the digest itself. */
  readonly link: (act: LinkAct, about: QuarantineRow | null) => string
}

export interface ComposedDigest {
  readonly subject: string
  readonly text: string
  readonly html: string
}

const WHY_YOU = 'You get this because Mailkeep checks your mail and your digest is on.'

/** What a digest says, as plain text and as HTML: the same words. */
export const composeDigest = async (digest: DigestToCompose): Promise<ComposedDigest> => {
  const subject = subjectOf(digest)
  return { subject, text: textOf(digest, subject), html: await htmlOf(digest, subject) }
}

const subjectOf = ({ held, tells }: DigestToCompose): string => {
  // What was released between the window's end and now is not held.
  const count = tells.heldCount - (tells.held.length - held.length)
  if (count === 0) return 'Nothing is held for you'
  return count === 1 ? '1 mail is held for you' : `${count} mails are held for you`
}

const more = ({ tells }: DigestToCompose): number => tells.heldCount - tells.held.length

const openWords = (digest: DigestToCompose): string =>
  more(digest) > 0 ? `Open my quarantine: ${more(digest)} more are held` : 'Open my quarantine'

const countsOf = ({ tells: { counts } }: DigestToCompose): string => {
  const { delivered, sent, refused, infected, allowed, blocked } = counts
  const told = [
    `${delivered} delivered`,
    sent > 0 ? `${sent} sent` : null,
    refused > 0 ? `${refused} refused` : null,
    infected > 0 ? `${infected} with a virus, which can not be released` : null,
  ].filter((one) => one !== null)
  const lists = [
    allowed > 0 ? `your allow list let ${allowed} pass` : null,
    blocked > 0 ? `your block list held ${blocked}` : null,
  ].filter((one) => one !== null)
  const last = lists.join(', ')
  return `${told.join(', ')}.${last === '' ? '' : ` ${last.charAt(0).toUpperCase()}${last.slice(1)}.`}`
}

interface Row {
  readonly name: string
  readonly address: string
  readonly falseName: boolean
  readonly subject: string
  readonly time: string
  readonly why: string
}

const rowOf = ({ row, symbols }: HeldMail, timeZone: string): Row => {
  const address = row.headerFrom ?? row.reversePath ?? 'no sender'
  const name = shownText(row.headerFromName ?? '', 80)
  return {
    name,
    address: shownText(address, 254),
    falseName: isFalseName(name, address),
    subject: shownText(row.subject ?? '') || '(no subject)',
    time: new Intl.DateTimeFormat('en-GB', {
      timeZone,
      weekday: 'short',
      day: 'numeric',
      month: 'short',
      hour: '2-digit',
      minute: '2-digit',
    }).format(row.acceptedAt),
    why: shownText(whyHeld(row, symbols)),
  }
}

const textOf = (digest: DigestToCompose, subject: string): string => {
  const { address, held, link, timeZone } = digest
  const blocks = held.map((one) => {
    const row = rowOf(one, timeZone)
    const falsely = row.falseName ? ' (this name is not the address it came from)' : ''
    return [
      withoutLinks(`${row.name === '' ? '' : `${row.name}${falsely} `}<${row.address}>`),
      withoutLinks(row.subject),
      `${row.time}. ${withoutLinks(row.why)}`,
      `Release:           ${link('release', one.row)}`,
      `Release and trust: ${link('trust', one.row)}`,
      `Block this sender: ${link('block', one.row)}`,
      `It is spam:        ${link('spam', one.row)}`,
    ].join('\n')
  })
  return `${[
    `${subject}.\nFor ${address}`,
    ...blocks,
    countsOf(digest),
    `${openWords(digest)}:\n${link('sign-in', null)}`,
    `-- \n${WHY_YOU} No more digests:\n${link('unsubscribe', null)}`,
  ].join('\n\n')}\n`
}

const htmlOf = async (digest: DigestToCompose, subject: string): Promise<string> => {
  const { before, row: part, after } = await layout()
  const { address, held, link, timeZone } = digest
  const rows = held.map((one) => {
    const row = rowOf(one, timeZone)
    const name = unlinked(row.name)
    return filled(part, {
      sender: row.falseName
        ? `<s>${name}</s> <span style="font-weight:400">This name is not the address it came from.</span>`
        : name,
      address: unlinked(row.address),
      subject: unlinked(row.subject),
      time: escaped(row.time),
      why: unlinked(row.why),
      release: escaped(link('release', one.row)),
      trust: escaped(link('trust', one.row)),
      block: escaped(link('block', one.row)),
      spam: escaped(link('spam', one.row)),
    })
  })
  return [
    filled(before, {
      title: escaped(subject),
      preview: escaped(countsOf(digest)),
      for: unlinked(`For ${address}`),
    }),
    ...rows,
    filled(after, {
      counts: escaped(countsOf(digest)),
      open: escaped(link('sign-in', null)),
      openWords: escaped(openWords(digest)),
      why: escaped(WHY_YOU),
      unsubscribe: escaped(link('unsubscribe', null)),
    }),
  ].join('')
}

/** Mail programs make links of what looks like one: a joiner that is not seen keeps them from it. */
const unlinked = (text: string): string =>
  escaped(text).replaceAll('.', '&#8203;.').replaceAll('@', '&#8203;@').replaceAll('://', '&#8203;://')
