import { createTransport, type SendMailOptions } from 'nodemailer'
import { PASSWORD, type Demo } from './mailkeep.ts'

interface How {
  readonly listener?: 'submission' | 'submissions'
  readonly user?: string
  readonly password?: string
}

const ANN = 'ann@mailkeep.test'

/** As a mail client does it, as ann to ben unless said otherwise; answers the final reply, or the one that refused. */
export const submit = async (
  demo: Demo,
  mail: SendMailOptions,
  { listener = 'submission', user = ANN, password = PASSWORD }: How = {},
): Promise<string> => {
  const client = createTransport({
    host: '127.0.0.1',
    port: demo.port(listener),
    secure: listener === 'submissions',
    requireTLS: listener === 'submission',
    auth: { user, pass: password },
    tls: { rejectUnauthorized: false },
    logger: false,
  })
  try {
    const sent = { from: ANN, to: 'ben@mailkeep.test', subject: 'Lunch', text: 'At noon?', ...mail }
    return (await client.sendMail(sent)).response
  } catch (error) {
    return String((error as { response?: string }).response ?? error)
  } finally {
    client.close()
  }
}

/** The mail id in a final reply; the reply itself where it has none. */
export const idIn = (response: string): string => /Ok: (\w{26})/.exec(response)?.[1] ?? response
