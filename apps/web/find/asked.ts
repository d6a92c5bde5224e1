/** What one box of text asks the two lists for; `refusals` null: refusals know nothing of it. */
export interface Asked {
  readonly mails: {
    readonly address?: string
    readonly text?: string
    readonly ip?: string
    readonly messageId?: string
  }
  readonly refusals: { readonly recipient?: string; readonly ip?: string } | null
}

const IP = /^(\d{1,3}(\.\d{1,3}){3}|[0-9a-f]*:[0-9a-f:.]+)$/i
const MESSAGE_ID = /^<.+@.+>$/
const ADDRESS = /^[^\s@<>]*@[^\s@<>]+$/

/** An IP address, a Message-ID, an address or a domain with its @; all else is words of a subject, or a mail id. */
export const askedIn = (text: string): Asked => {
  if (IP.test(text)) return { mails: { ip: text }, refusals: { ip: text } }
  if (MESSAGE_ID.test(text)) return { mails: { messageId: text }, refusals: null }
  if (ADDRESS.test(text))
    return { mails: { address: text }, refusals: text.startsWith('@') ? null : { recipient: text } }
  return { mails: { text }, refusals: null }
}
