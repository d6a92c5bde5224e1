import { signIn } from '#test/dsl/http-client'
import { freePort } from '#test/real/daemon'
import type { Contestant } from './relay-round.ts'
import { startMailkeep } from './server.ts'

const PASSWORD = 'correct-horse-battery'

export interface OursOptions {
  /** `ip:port` of the server for every look-up. */
  readonly dns: string
  /** The port that every MX listens on. */
  readonly sink: number
  readonly domain: string
  /** A demo signs at once; else the keys of the domain wait for their records. */
  readonly demo: boolean
}

export interface Ours extends Contestant {
  readonly http: number
  readonly data: string
}

/** Mailkeep whose mail to the world goes to the sink. */
export const startOurs = async (folder: string, { dns, sink, domain, demo }: OursOptions): Promise<Ours> => {
  const [http, port] = [await freePort(), await freePort()]
  const server = await startMailkeep(folder, {
    MAILKEEP_HTTP_PORT: String(http),
    MAILKEEP_SUBMISSIONS_PORT: String(port),
    MAILKEEP_DNS_SERVERS: dns,
    MAILKEEP_RELAY_PORT: String(sink),
    MAILKEEP_ADMIN_PASSWORD: PASSWORD,
    MAILKEEP_DEMO_PASSWORD: PASSWORD,
    ...(demo ? {} : { MAILKEEP_DOMAIN: domain }),
  })
  return {
    name: 'Mailkeep',
    port,
    http,
    data: server.data,
    login: { user: `ann@${domain}`, password: PASSWORD },
    pids: () => [server.pid],
    stop: () => server.stop(),
  }
}

/** Once: nothing is limited that is not measured, and ann is there. */
export const configure = async ({ http }: Ours, { domain, demo }: OursOptions): Promise<void> => {
  const admin = await signIn(http, `admin@${domain}`, PASSWORD)
  const said = async (method: string, path: string, body: object): Promise<void> => {
    const answer = await admin.ask(method, path, body)
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
  }
  const plenty = { connections: 100_000, mails: 1_000_000, recipients: 1_000_000 }
  await said('PUT', '/policies/submission', { document: { perMinute: plenty, perMinuteAndAddress: plenty } })
  await said('PUT', '/policies/relay', { document: { privateTargets: 'allow', mtaSts: 'off', dane: 'off' } })
  await said('PUT', '/policies/accounts', {
    document: { quota: { mailsPerDay: 1_000_000, recipientsPerDay: 1_000_000 } },
  })
  if (!demo) await said('POST', '/accounts', { address: `ann@${domain}`, displayName: 'Ann', password: PASSWORD })
}
