import { access, constants, stat, statfs } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { DAY } from '#domain/kernel/instant'
import { eventTypes } from '#domain/event-types'
import type { StoragePolicy } from '#domain/policy/documents'
import { logAddress } from '#apps/mailkeep/log-address'
import type { Config } from '#infra/config/load'
import { openCertificate } from '#infra/config/tls'
import { systemResolver } from '#infra/dns/system-resolver'
import { isTemporary } from '#infra/dns/port'
import { createCodec } from '#infra/event-log/codec'
import { openLogReader } from '#infra/event-log/engines'
import { integrityProblems } from '#infra/event-log/sqlite/integrity'
import { durationText, sizeText } from '../words.ts'
import { ok, problem, reasonOf, warning, type Finding } from './finding.ts'

/** A larger log is not read on the way: that takes its time. */
const CHECKED_UP_TO = 256 * 1024 * 1024

export const dataFolder = async ({ data }: Config, storage: StoragePolicy): Promise<Finding[]> => {
  try {
    const { mode } = await stat(data)
    await access(data, constants.R_OK | constants.W_OK | constants.X_OK)
    const { bavail, bsize } = await statfs(data)
    const free = bavail * bsize
    const findings = [
      free < storage.freeSpace / 4
        ? problem('disk', `Only ${sizeText(free)} are free in ${data}; new mail is refused for a while. Make room.`)
        : free < storage.freeSpace
          ? warning('disk', `Only ${sizeText(free)} are free in ${data}. Make room.`)
          : ok('disk', `${sizeText(free)} are free in ${data}.`),
    ]
    if ((mode & 0o007) !== 0)
      findings.push(warning('data', `Everybody on this machine may look into ${data}: chmod 700 ${data}`))
    return findings
  } catch (error) {
    return [
      problem('data', `${data} can't be used (${reasonOf(error)}): check that it is there, its owner and its mode.`),
    ]
  }
}

export const eventLog = async (config: Config): Promise<Finding> =>
  config.log.engine === 'sqlite' ? logFile(config) : logServer(config)

const logServer = async (config: Config): Promise<Finding> => {
  try {
    const reader = await openLogReader(logAddress(config), createCodec(eventTypes))
    try {
      await reader.lastPosition()
      return ok('log', 'EventStoreDB answers.')
    } finally {
      await reader.close()
    }
  } catch (error) {
    return problem('log', `${reasonOf(error)}. Mail waits at the senders; check eventstore.url and the server.`)
  }
}

const logFile = async ({ data }: Config): Promise<Finding> => {
  const path = join(data, 'log', 'events.db')
  try {
    const { size } = await stat(path)
    if (size > CHECKED_UP_TO)
      return ok('log', `It has ${sizeText(size)}, too much to be read on the way: mailkeep log verify`)
    const [first, ...more] = integrityProblems(path)
    return first === undefined
      ? ok('log', `The file is sound (${sizeText(size)}).`)
      : problem('log', `${first}${more.length === 0 ? '' : ` (and ${more.length} more)`}: mailkeep log verify`)
  } catch (error) {
    return problem('log', reasonOf(error))
  }
}

export const virusScanner = async (config: Config): Promise<Finding> => {
  try {
    const { openVirusScanner } = await import('#infra/antivirus/open')
    const { contentReader } = await import('#infra/content-scan/reader')
    const scanner = await openVirusScanner({
      engines: config.antivirus.engine,
      readContent: contentReader(),
      ...(config.clamd.address === null ? {} : { clamdAddress: config.clamd.address }),
    })
    try {
      const { name, version, database } = await scanner.identify()
      return ok('scanner', `${name} ${version} answers, database ${database.slice(0, 20)}.`)
    } finally {
      await scanner.close()
    }
  } catch (error) {
    return problem(
      'scanner',
      `The virus scanner does not answer (${reasonOf(error)}). Mail waits; nothing is delivered unscanned. Start it, or check clamd.address.`,
    )
  }
}

export const nameServers = async ({ dns: { servers } }: Config): Promise<Finding> => {
  const resolver = systemResolver({ servers, timeoutMs: 2_000, tries: 1 })
  const { outcome } = await resolver.query('example.com', 'NS')
  const which = servers.length === 0 ? "the system's servers" : servers.join(', ')
  return isTemporary(outcome)
    ? warning(
        'dns',
        `No answer from ${which} (${outcome}): SPF, DKIM, DMARC and block lists judge nothing until there is. Check dns.servers.`,
      )
    : ok('dns', `Answers come from ${which}.`)
}

export const certificate = async (config: Config, storage: StoragePolicy, now: number): Promise<Finding> => {
  const file = config.tls.cert ?? join(config.data, 'tls', 'cert.pem')
  try {
    // Looking must not make one.
    await stat(file)
    const source = await openCertificate(config, { onProblem: () => undefined })
    const { notAfter, selfSigned, subject } = source.current()
    source.close()
    const left = notAfter - now
    if (left <= 0) return problem('certificate', `${file} has run out. Put a new one in place; it is loaded by itself.`)
    if (left < storage.certificate)
      return warning(
        'certificate',
        `${file} ends in ${durationText(left)}. Put a new one in place; it is loaded by itself.`,
      )
    return ok(
      'certificate',
      `${selfSigned ? 'Self-signed' : subject.replaceAll('\n', ', ')}, good for ${Math.floor(left / DAY)} days.`,
    )
  } catch (error) {
    return config.tls.cert === null
      ? warning('certificate', 'There is none yet; the first start makes a self-signed one.')
      : problem('certificate', reasonOf(error))
  }
}

interface Port {
  readonly name: string
  readonly address: string
  readonly port: number
}

/** What this configuration would listen on. */
export const configuredPorts = ({ mx, http, roles }: Config): Port[] =>
  [
    { name: 'mx', address: mx.bind, port: mx.port, runs: roles.includes('mx') },
    { name: 'http', address: http.bind, port: http.port, runs: roles.includes('api') },
  ].flatMap(({ name, address, port, runs }) => (runs && typeof port === 'number' ? [{ name, address, port }] : []))

/** With a server: everything that is configured listens and answers. Without: nobody else sits there. */
export const ports = async (configured: readonly Port[], listening: readonly Port[] | null): Promise<Finding[]> => {
  const findings: Finding[] = []
  for (const { name, address, port } of configured) {
    const there = listening?.find((one) => one.name === name)
    if (listening === null) {
      if (port !== 0 && (await answers(address, port)))
        findings.push(problem(name, `Another program listens on ${address}:${port}. Stop it, or set ${name}.port.`))
      else findings.push(ok(name, port === 0 ? 'Any free port.' : `${address}:${port} is free.`))
    } else if (there === undefined) {
      findings.push(problem(name, 'It is configured, but the running server does not listen. Restart it.'))
    } else if (await answers(there.address, there.port)) {
      findings.push(ok(name, `It listens on ${there.address}:${there.port}.`))
    } else {
      findings.push(problem(name, `Nobody answers on ${there.address}:${there.port}. Is a firewall in between?`))
    }
  }
  return findings
}

const CONNECT_WITHIN_MS = 2_000

const answers = (address: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const host = address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '::1' : address
    const socket = connect({ host, port, timeout: CONNECT_WITHIN_MS })
    const end = (there: boolean) => {
      socket.destroy()
      resolve(there)
    }
    socket.once('connect', () => end(true))
    socket.once('timeout', () => end(false))
    socket.once('error', () => end(false))
  })
