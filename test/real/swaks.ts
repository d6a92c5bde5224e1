import { execFile } from 'node:child_process'
import { install } from './daemon.ts'

export interface SwaksMail {
  readonly from: string
  readonly to: readonly string[]
  readonly subject?: string
  readonly body?: string
  /** Path of a file to attach, under its own name. */
  readonly attach?: string
  /** Path of a whole message, instead of one that swaks makes. */
  readonly message?: string
  /** The loopback address it connects from, 127.0.0.1 if not given. */
  readonly clientAddress?: string
  readonly helo?: string
  /** Header From, when it differs from the envelope. */
  readonly headerFrom?: string
  /** A user signs in, in STARTTLS. */
  readonly login?: { readonly mechanism: 'PLAIN' | 'LOGIN'; readonly user: string; readonly password: string }
}

/** Sends one mail by swaks, a client that is not ours; answers the mail's id. Rejects with the conversation when it was not taken. */
export const swaks = (port: number, mail: SwaksMail): Promise<string> => {
  const { from, to, subject, body, attach, message, clientAddress = '127.0.0.1', helo, headerFrom, login } = mail
  install('swaks', ...(login === undefined ? [] : ['libnet-ssleay-perl']))
  const words = [
    '--server',
    '127.0.0.1',
    '--port',
    String(port),
    '--timeout',
    '30s',
    '--local-interface',
    clientAddress,
  ]
  words.push('--helo', helo ?? 'client.outside.example', '--from', from, '--to', to.join(','))
  if (message !== undefined) words.push('--data', `@${message}`)
  if (headerFrom !== undefined) words.push('--header', `From: ${headerFrom}`)
  if (login !== undefined) {
    words.push('--tls', '--auth', login.mechanism, '--auth-user', login.user, '--auth-password', login.password)
  }
  if (subject !== undefined) words.push('--header', `Subject: ${subject}`)
  if (body !== undefined) words.push('--body', body)
  if (attach !== undefined) words.push('--attach-type', 'application/octet-stream', '--attach', `@${attach}`)
  return new Promise((resolve, reject) =>
    execFile('/usr/bin/swaks', words, { timeout: 60_000 }, (error, stdout, stderr) => {
      const id = /250 2\.0\.0 Ok: (\w+)/.exec(stdout)?.[1]
      if (error === null && id !== undefined) resolve(id)
      else reject(new Error(`swaks: the mail was not taken:\n${stdout}${stderr}`))
    }),
  )
}
