import { HeaderProblem } from '#domain/message/header-problem'
import { parseMailboxList, type HeaderMailbox } from '#domain/message/mailbox-list'
import { valueOf, type HeaderField } from './header-fields.ts'

/** Who a mail says it is from (RFC 5322 3.6.2), and who sent it on (3.6.6). */
export interface Originators {
  readonly from: readonly HeaderMailbox[]
  readonly sender: HeaderMailbox | null
  /** Every address of every Resent-From and Resent-Sender. */
  readonly resent: readonly HeaderMailbox[]
}

const LONGEST = 16 * 1024
const MOST_RESENT = 20

/** @throws HeaderProblem naming what is missing, twice there, or can't be read without doubt */
export const readOriginators = (block: Buffer, fields: readonly HeaderField[]): Originators => {
  const named = (name: string) => fields.filter((field) => field.name === name)
  const [from, ...moreFrom] = named('from')
  if (from === undefined) throw new HeaderProblem('there is no From field')
  if (moreFrom.length > 0) throw new HeaderProblem(`there are ${moreFrom.length + 1} From fields`)
  const [sender, ...moreSenders] = named('sender')
  if (moreSenders.length > 0) throw new HeaderProblem(`there are ${moreSenders.length + 1} Sender fields`)
  const resent = fields.filter(({ name }) => name === 'resent-from' || name === 'resent-sender')
  if (resent.length > MOST_RESENT) throw new HeaderProblem(`there are more than ${MOST_RESENT} Resent- fields`)
  return {
    from: mailboxes(block, from),
    sender: sender === undefined ? null : oneMailbox(block, sender),
    resent: resent.flatMap((field) =>
      field.name === 'resent-sender' ? [oneMailbox(block, field)] : mailboxes(block, field),
    ),
  }
}

const mailboxes = (block: Buffer, field: HeaderField): readonly HeaderMailbox[] => {
  if (block[field.valueStart - 2] === 32 || block[field.valueStart - 2] === 9)
    throw new HeaderProblem(`the field ${field.name} has white space before its colon`)
  return parseMailboxList(valueOf(block, field, LONGEST), field.name)
}

const oneMailbox = (block: Buffer, field: HeaderField): HeaderMailbox => {
  const [first, ...more] = mailboxes(block, field)
  if (first === undefined || more.length > 0)
    throw new HeaderProblem(`the field ${field.name} has more than one address`)
  return first
}
