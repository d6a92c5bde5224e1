import type { MailText, Person } from '#infra/content-scan/text/port'
import {
  accountFact,
  answerFact,
  ANY_FACT,
  ATTACHMENT_FACT,
  conversationFact,
  messageIdFact,
  openingFact,
  powerOf,
  roleFact,
  sizeFact,
  UNREADABLE_FACT,
} from './facts.ts'
import type { IndexDocument, StoredDocument } from './port.ts'
import { subjectOfThread } from './subject.ts'
import { fieldText } from './tokens/field-text.ts'
import { languageOf } from './tokens/language.ts'

/** What the log says of one copy; the rest is in the mail. */
export type ArchivedCopy = Pick<
  StoredDocument,
  'id' | 'revision' | 'mail' | 'account' | 'role' | 'contentHash' | 'archivedAt' | 'date' | 'size'
>

/** UTF-16 units kept for excerpts. */
const KEPT_TEXT = 8_000
const MOST_PEOPLE = 100

/** What the index is given of one copy. Bcc is left out of what was received: its recipients are not this one's to know. */
export const documentOf = (copy: ArchivedCopy, mail: MailText): IndexDocument => {
  const { subject, body, attached, files, from, to, cc, references, messageId, unreadable } = mail
  const bcc = copy.role === 'sent' ? mail.bcc : []
  const language = languageOf(`${subject ?? ''}\n${body === '' ? attached : body}`)
  const text = (given: string): string => fieldText(given, language)
  return {
    ...copy,
    messageId,
    references,
    headerFrom: from[0]?.address ?? null,
    to: to.slice(0, MOST_PEOPLE).map(({ address }) => address),
    subject,
    types: [...new Set(files.map(({ type }) => type))],
    unreadable,
    text: `${body}\n${attached}`.trim().slice(0, KEPT_TEXT).toWellFormed(),
    fields: {
      subject: text(subject ?? ''),
      body: text(body),
      attached: text(attached),
      from: text(written(from)),
      to: text(written(to)),
      cc: text(written(cc)),
      bcc: text(written(bcc)),
      filename: text(files.map(({ name }) => name).join('\n')),
    },
    facts: [
      ANY_FACT,
      accountFact(copy.account),
      roleFact(copy.role),
      sizeFact(powerOf(copy.size)),
      ...(files.length > 0 ? [ATTACHMENT_FACT] : []),
      ...(unreadable.length > 0 ? [UNREADABLE_FACT] : []),
      ...(messageId === null ? [] : [messageIdFact(messageId)]),
      ...conversation(mail),
    ],
    people: [...new Set([...from, ...to, ...cc].map(({ address }) => address.toLowerCase()))].slice(0, MOST_PEOPLE),
  }
}

const written = (people: readonly Person[]): string =>
  people.map(({ name, address }) => `${name} ${address}`).join('\n')

/** How its conversation finds it: by References, and where they are missing, by its subject. */
const conversation = ({ messageId, references, subject }: MailText): readonly string[] => {
  const ids = messageId === null ? references : [messageId, ...references]
  const { isAnswer, about } = subjectOfThread(subject ?? '')
  const bySubject = references.length > 0 || about === '' ? [] : [isAnswer ? answerFact(about) : openingFact(about)]
  return [...new Set(ids.map(conversationFact)), ...bySubject]
}
