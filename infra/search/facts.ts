import { createHash } from 'node:crypto'

/**
 * What is true of a document as a whole, as one token each (`name=value`): for filters, which engines answer alike. Values are folded to lower case;
 * what could divide a token is escaped, long values are hashed.
 */
const fact = (name: string, value: string): string => {
  const folded = value.toLowerCase().toWellFormed()
  const escaped = folded.replaceAll(UNSAFE, escape)
  return escaped.length <= LONGEST
    ? `${name}=${escaped}`
    : `${name}=${createHash('sha256').update(folded).digest('hex')}`
}

const escape = (one: string): string =>
  [...Buffer.from(one)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')

const LONGEST = 240
/** All but what the tokens of both engines are made of. */
const UNSAFE = /[^\p{L}\p{N}=~.@_+/:,-]/gu

export const accountFact = (account: string): string => fact('account', account)
export const roleFact = (role: 'sent' | 'received'): string => fact('role', role)
export const messageIdFact = (messageId: string): string => fact('id', messageId)
/** Of a mail itself and of each mail that it answers, by Message-ID. */
export const conversationFact = (messageId: string): string => fact('ref', messageId)
/** Of a mail that begins a conversation with this subject. */
export const openingFact = (subject: string): string => fact('opens', subject)
/** Of an answer that does not say to which mail. */
export const answerFact = (subject: string): string => fact('answers', subject)
export const ATTACHMENT_FACT = 'has=attachment'
export const UNREADABLE_FACT = 'has=unreadable'
/** Of every document. */
export const ANY_FACT = 'any=thing'
/** By the power of two that the size begins with. */
export const sizeFact = (power: number): string => `size=${power}`
export const powerOf = (bytes: number): number => Math.floor(Math.log2(Math.max(1, bytes)))
