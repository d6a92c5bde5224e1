import { afterEach, describe, expect, it, test } from 'vitest'
import { signIn } from '#test/dsl/http-client'
import { SERVER_PASSWORD, startServer } from '#test/dsl/server'
import { SmtpClient } from '#test/dsl/smtp/client'
import { fuzz, fuzzOn, submitting } from '#test/dsl/smtp/fuzz'
import { recordingListener, type RecordingListener } from '#test/dsl/smtp/recording-listener'
import { temporaryFolder } from '#test/dsl/temporary'
import { signedIn } from './load.ts'
import {
  exportedEvents,
  health,
  mailIdIn,
  mailOn,
  memoryOf,
  outcomesOf,
  plainMail,
  sendWithoutLimits,
  setPolicy,
} from './observing.ts'

/** The long form of test/conformance/smtp/fuzz.spec.ts: other seeds, longer conversations, many at once. */
describe('rubbish, for longer', () => {
  let listener: RecordingListener
  afterEach(() => listener.close(0))

  test.each(['reject', 'normalise'] as const)(
    'leaves the listener well (%s)',
    async (bareLineEnds) => {
      listener = await recordingListener({ limits: { bareLineEnds, errorsPerConnection: 60, headerSize: 20_000 } })
      let accepted = 0
      let seed = 10_000
      const one = async (): Promise<void> => {
        while (seed < 12_000) {
          const mine = seed++
          const fuzzed = await fuzz(listener, mine, 20 + (mine % 400))
          accepted += fuzzed.accepted
          expect({ seed: mine, malformed: fuzzed.malformed }).toEqual({ seed: mine, malformed: [] })
        }
      }
      await Promise.all(Array.from({ length: 8 }, one))
      expect(listener.mails).toHaveLength(accepted)
      expect(listener.incidents).toEqual([])
      await expect.poll(() => listener.connections).toBe(0)
    },
    240_000,
  )
})

const SUBMISSIONS = 300
const FIRST = 20
const MEGABYTE = 1024 * 1024
const ANN = 'ann@mailkeep.test'

/** Where the nth conversation of a user with a whole server begins: signed in over one listener or the other, or with nothing said yet. */
const connections: readonly ((server: { submission: number; submissions: number }) => Promise<SmtpClient>)[] = [
  (server) => signedIn(server, ANN, 'submission'),
  (server) => signedIn(server, ANN, 'submissions'),
  (server) => SmtpClient.connect(server.submission),
  (server) => SmtpClient.connect(server.submissions, { tls: {} }),
]

it.each(['reject', 'normalise'] as const)(
  'rubbish from users is answered well, sends nothing as anybody else, and harms nobody (%s)',
  async (bareLineEnds) => {
    const folder = await temporaryFolder()
    const server = await startServer(folder, { MAILKEEP_SUBMISSION_PORT: '0', MAILKEEP_SUBMISSIONS_PORT: '0' })
    const admin = await signIn(server.http, 'admin@mailkeep.test', SERVER_PASSWORD)
    await sendWithoutLimits(admin)
    await setPolicy(admin, 'edge', { bareLineEnds, limits: { errorsPerConnection: 60, headerSize: 20_000 } })
    const send = async (subject: string): Promise<string> => {
      const client = await signedIn(server, ANN, 'submissions')
      const reply = await mailOn(client, ['ben@mailkeep.test'], plainMail(subject, 'Hello.', ANN), ANN)
      client.destroy()
      return mailIdIn(reply) ?? `not taken: ${reply}`
    }
    // What the first mails need (scanners in their threads) is not what rubbish costs.
    await Promise.all(Array.from({ length: FIRST }, (_, number) => send(`first-${number}`)))
    const before = await memoryOf(server.pid)
    const vocabulary = submitting(ANN, SERVER_PASSWORD)
    let accepted = 0
    let seed = 20_000
    const one = async (): Promise<void> => {
      while (seed < 20_000 + SUBMISSIONS) {
        const mine = seed++
        const client = await connections[mine % connections.length]!(server)
        const fuzzed = await fuzzOn(client, vocabulary, mine, 20 + (mine % 200))
        accepted += fuzzed.accepted
        expect({ seed: mine, malformed: fuzzed.malformed }).toEqual({ seed: mine, malformed: [] })
      }
    }
    await Promise.all(Array.from({ length: 8 }, one))

    const mails = (await exportedEvents(folder, 'Accepted')).map(({ data }) => data)
    expect(accepted).toBeGreaterThan(SUBMISSIONS / 20)
    expect(mails).toHaveLength(FIRST + accepted)
    for (const mail of mails) {
      expect(mail).toMatchObject({ flow: 'submission', account: ANN, headerFrom: { address: ANN } })
      expect([ANN, null]).toContain(mail['reversePath'])
    }
    expect(server.output()).not.toMatch(/"level":[56]0/)
    expect((await health(server, 'ready')).status).toBe(200)
    const id = await send('afterwards')
    expect((await outcomesOf(admin, id)).map(({ state }) => state)).toEqual(['delivered'])
    const grown = (await memoryOf(server.pid)) - before
    console.log(
      `rubbish from users (${bareLineEnds}): ${SUBMISSIONS} conversations, ${accepted} mails taken, ${(grown / MEGABYTE).toFixed(0)} MB more`,
    )
    // With the caches that the mails taken fill, each of a fixed size.
    expect(grown).toBeLessThan(350 * MEGABYTE)
    expect(await server.stop()).toBe(0)
  },
)
