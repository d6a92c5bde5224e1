import MailComposer from 'nodemailer/lib/mail-composer/index.js'

/** A mail of Mailkeep's own: plain text, with HTML beside it where there is some, from the system, never answered by machines (RFC 3834). */
export interface OwnMail {
  readonly from: { readonly name: string; readonly address: string }
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly html?: string
  /** Where one press, or one POST of a mail program, ends mails of this kind (RFC 2369, RFC 8058). */
  readonly unsubscribe?: string
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
      ...(mail.html === undefined ? {} : { html: mail.html }),
      headers: {
        'Auto-Submitted': 'auto-generated',
        'X-Auto-Response-Suppress': 'All',
        ...(mail.unsubscribe === undefined
          ? {}
          : {
              'List-Unsubscribe': { prepared: true, value: `<${mail.unsubscribe}>` },
              'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
            }),
      },
      newline: '\r\n',
    })
      .compile()
      .build((error, message) => (error ? reject(error) : resolve(message)))
  })
