import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { freePort, install } from '#test/real/daemon'
import { familyOf } from '../measure.ts'
import { startInstance } from './postfix-instance.ts'

/** Somebody's relay: takes mail on `port` and hands it to a sink. */
export interface Relaying {
  readonly name: string
  readonly port: number
  readonly pids: () => readonly number[]
  stop(): Promise<void>
}

/** Postfix as it is installed, with everything going to one host; nothing holds its input back (in_flow_delay). As root. */
export const startPostfixOut = async (sink: number): Promise<Relaying> => {
  install('postfix')
  const folder = mkdtempSync('/tmp/mkout-')
  chmodSync(folder, 0o755)
  const port = await freePort()
  const postfix = await startInstance(folder, {
    port,
    servers: 50,
    main: {
      mynetworks: '127.0.0.0/8',
      relayhost: `[127.0.0.1]:${sink}`,
      smtpd_relay_restrictions: 'permit_mynetworks,reject',
      in_flow_delay: '0',
      smtp_dns_support_level: 'disabled',
    },
    services: ['scache unix - - n - 1 scache'],
    writable: ['data'],
  })
  return {
    name: 'Postfix',
    port,
    pids: () => familyOf(postfix.master),
    async stop() {
      postfix.stop()
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
