import { Resolver } from 'node:dns/promises'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { end, freePort, give, install, launch } from './daemon.ts'

/** A real unbound of this test's own. */
export interface Dns {
  /** `127.0.0.1:port`, for `MAILKEEP_DNS_SERVERS`. */
  readonly address: string
  stop(): Promise<void>
}

/** Zone -> its records (`www A 127.0.0.1`, names without a dot are relative). */
export type Zones = Readonly<Record<string, readonly string[]>>

/**
 * Serves the zones; every name below `servfail.test` is SERVFAIL, below `drop.test` nobody answers, whatever else is REFUSED: nothing is
 * ever asked of the Internet.
 */
export async function startDns(zones: Zones): Promise<Dns> {
  install('unbound')
  const folder = mkdtempSync('/tmp/mkdns-')
  chmodSync(folder, 0o755)
  const port = await freePort()
  mkdirSync(join(folder, 'z'))
  for (const [zone, records] of Object.entries(zones)) writeZone(folder, zone, records)
  const configuration = join(folder, 'unbound.conf')
  writeFileSync(configuration, configurationOf(folder, port, Object.keys(zones)))
  give(folder)
  const resolver = new Resolver({ timeout: 500, tries: 1 })
  resolver.setServers([`127.0.0.1:${port}`])
  const [first = ''] = Object.keys(zones)
  const daemon = await launch(
    ['/usr/sbin/unbound', '-d', '-c', configuration],
    () =>
      resolver.resolveSoa(first).then(
        () => true,
        () => false,
      ),
    () => readFileSync(join(folder, 'unbound.log'), 'utf8'),
  )
  return {
    address: `127.0.0.1:${port}`,
    stop: async () => {
      await end(daemon, 'SIGTERM')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const writeZone = (folder: string, zone: string, records: readonly string[]): void => {
  const lines = [
    `$ORIGIN ${zone}.`,
    '$TTL 60',
    '@ SOA ns.real.test. host.real.test. 1 3600 600 86400 60',
    '@ NS ns.real.test.',
    ...records,
  ]
  writeFileSync(join(folder, 'z', zone), `${lines.join('\n')}\n`)
}

const configurationOf = (folder: string, port: number, zones: readonly string[]): string => `server:
  interface: 127.0.0.1
  port: ${port}
  username: ""
  chroot: ""
  directory: "${folder}"
  pidfile: ""
  use-syslog: no
  logfile: "${folder}/unbound.log"
  do-daemonize: no
  num-threads: 1
  msg-cache-size: 1m
  rrset-cache-size: 1m
  module-config: "iterator"
  local-zone: . refuse
  local-zone: servfail.test. transparent
  local-zone: drop.test. deny
${zones
  .map(
    (zone) => `server:
  local-zone: ${zone}. transparent
auth-zone:
  name: ${zone}
  zonefile: ${folder}/z/${zone}
  for-downstream: no
  for-upstream: yes
`,
  )
  .join('')}auth-zone:
  name: servfail.test
  for-downstream: no
  for-upstream: yes
  fallback-enabled: no
`
