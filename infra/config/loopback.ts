import { isIPv4 } from 'node:net'
import type { Config } from './load.ts'

/** 127.0.0.0/8, ::1, localhost: nobody but this machine gets there. */
export const isLoopback = (address: string): boolean =>
  address === 'localhost' ||
  address === '::1' ||
  (isIPv4(address) ? address.startsWith('127.') : address.toLowerCase().startsWith('::ffff:127.'))

/** Listeners that other machines can reach, as `name address`: a demo refuses to start with any. */
export function listenersBeyondLoopback(config: Config): readonly string[] {
  const listeners = { mx: config.mx, submission: config.submission, submissions: config.submissions, http: config.http }
  return Object.entries(listeners)
    .filter(([, { port, bind }]) => port !== 'off' && !isLoopback(bind))
    .map(([name, { bind }]) => `${name} ${bind}`)
}
