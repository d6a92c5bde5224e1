import { python } from './python.ts'

export interface SmtplibMail {
  readonly user: string
  readonly password: string
  readonly from: string
  /** The envelope's. */
  readonly to: readonly string[]
  /** Header From and To. */
  readonly headerFrom: string
  readonly headerTo: string
  readonly subject: string
  /** LF line ends; what is not ASCII goes as 8BITMIME. */
  readonly body: string
}

const SEND = `
import email.message, json, smtplib, ssl, sys
given = json.load(sys.stdin)
mail = email.message.EmailMessage()
mail['From'], mail['To'], mail['Subject'] = given['headerFrom'], given['headerTo'], given['subject']
plain = given['body'].isascii()
mail.set_content(given['body'], cte='7bit' if plain else '8bit')
context = ssl.create_default_context()
context.check_hostname = False
context.verify_mode = ssl.CERT_NONE
class Client(smtplib.SMTP):
    def data(self, message):
        self.answer = super().data(message)
        return self.answer
def send():
    with Client('127.0.0.1', given['port'], 'client.outside.example', timeout=30) as client:
        client.starttls(context=context)
        client.login(given['user'], given['password'])
        refused = client.send_message(mail, given['from'], given['to'], [] if plain else ['body=8bitmime'])
        return next(iter(refused.values()), client.answer)
try:
    answer = send()
except smtplib.SMTPRecipientsRefused as error:
    answer = next(iter(error.recipients.values()))
except smtplib.SMTPResponseException as error:
    answer = (error.smtp_code, error.smtp_error)
print(json.dumps(f'{answer[0]} {answer[1].decode()}'))
`

/** Submits one mail by Python's smtplib, with AUTH in STARTTLS; answers the last reply, or the one that refused. */
export const smtplib = (port: number, mail: SmtplibMail): Promise<string> => python(SEND, { port, ...mail })
