import { execFileSync } from 'node:child_process'
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

export interface DnsOptions {
  /** Zones that are signed and validated, with their names (whole, no dot at the end) whose signatures are broken. */
  readonly signed?: Readonly<Record<string, readonly string[]>>
}

/**
 * Serves the zones; every name below `servfail.test` is SERVFAIL, below `drop.test` nobody answers, whatever else is REFUSED: nothing is
 * ever asked of the Internet.
 */
export async function startDns(zones: Zones, { signed = {} }: DnsOptions = {}): Promise<Dns> {
  install('unbound', ...(Object.keys(signed).length > 0 ? ['ldnsutils'] : []))
  const folder = mkdtempSync('/tmp/mkdns-')
  chmodSync(folder, 0o755)
  const port = await freePort()
  mkdirSync(join(folder, 'z'))
  for (const [zone, records] of Object.entries(zones)) writeZone(folder, zone, records)
  for (const [zone, broken] of Object.entries(signed)) sign(join(folder, 'z'), zone, broken)
  const configuration = join(folder, 'unbound.conf')
  writeFileSync(configuration, configurationOf(folder, port, Object.keys(zones), Object.keys(signed)))
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

/** With NSEC3; its key becomes a trust anchor. */
const sign = (folder: string, zone: string, broken: readonly string[]): void => {
  const run = (command: string, ...words: readonly string[]): string =>
    execFileSync(command, words, { cwd: folder, encoding: 'utf8' }).trim()
  const key = run('ldns-keygen', '-a', 'ECDSAP256SHA256', '-k', '-r', '/dev/urandom', zone)
  run('ldns-signzone', '-n', '-f', `${zone}.signed`, zone, key)
  const lines = readFileSync(join(folder, `${zone}.signed`), 'utf8').split('\n')
  const isBroken = (line: string): boolean =>
    /\sRRSIG\s/.test(line) && broken.some((name) => line.startsWith(`${name}.\t`))
  // Other octets at the end of the signature.
  const written = lines.map((line) => (isBroken(line) ? line.replace(/\S{8}==$/, 'AAAAAAAA==') : line))
  writeFileSync(join(folder, zone), written.join('\n'))
  const anchors = lines.filter((line) => /\sDNSKEY\s/.test(line) && !/\sRRSIG\s/.test(line))
  writeFileSync(join(folder, `${zone}.anchor`), `${anchors.join('\n')}\n`)
}

const configurationOf = (
  folder: string,
  port: number,
  zones: readonly string[],
  signed: readonly string[],
): string => `server:
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
  module-config: "${signed.length > 0 ? 'validator iterator' : 'iterator'}"
${signed.map((zone) => `  trust-anchor-file: "${folder}/z/${zone}.anchor"\n`).join('')}  local-zone: . refuse
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
