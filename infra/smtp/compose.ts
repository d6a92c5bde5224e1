import MailComposer from 'nodemailer/lib/mail-composer/index.js'

/** A mail of Mailkeep's own: plain text, from the system, never answered by machines (RFC 3834). */
export interface OwnMail {
  readonly from: { readonly name: string; readonly address: string }
  readonly to: string
  readonly subject: string
  readonly text: string
  /** With angle brackets. Derived by the caller, so that composing twice gives the same mail. */
  readonly messageId: string
  readonly date: Date
}

/** RFC 5322 bytes with CRLF line ends. */
export const composeOwnMail = (mail: OwnMail): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    new MailComposer({
      from: mail.from,
      to: mail.to,
      subject: mail.subject,
      text: mail.text,
      messageId: mail.messageId,
      date: mail.date,
      headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
      newline: '\r\n',
    })
      .compile()
      .build((error, message) => (error ? reject(error) : resolve(message)))
  })
