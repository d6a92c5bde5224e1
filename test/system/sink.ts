import { setTimeout as sleep } from 'node:timers/promises'
import { SmtpRefusal, type MailSession } from '#infra/smtp/port'
import { listenSmtp } from '#infra/smtp/listen'
import { tlsMaterial } from '#test/dsl/smtp/tls-material'
import { generousLimits } from '#test/dsl/smtp/recording-listener'

/** A mail that the sink has answered with 250, as far as it got. */
export interface TakenMail {
  /** Mailkeep's, from the Received header. */
  readonly id: string
  readonly recipients: readonly string[]
  /** Which life of the sender had opened the connection. */
  readonly life: number
}

/** The next hop of a server that is killed again and again: it stays, and remembers what it took. */
export interface Sink {
  readonly port: number
  readonly taken: readonly TakenMail[]
  /** How often it said no, for now or for good. */
  readonly refusals: number
  /** What it could not make sense of. */
  readonly incidents: readonly object[]
  /** Connections that are opened from here on are those of the sender's next life. */
  nextLife(watch: SinkWatch): void
  close(): Promise<void>
}

export interface SinkWatch {
  /** A message has begun. */
  begins?(): void
  /** A mail is taken; the 250 is not on its way yet. */
  takes?(): void
}

export interface SinkOptions {
  readonly address: string
  /** 0: any free one. */
  readonly port: number
  readonly random: () => number
  /** Milliseconds before it says 250. */
  readonly pause?: number
}

/**
 * Takes mail, and says no as servers do: for good to `nobody@`, for now to one recipient or mail in twenty, and now and then it shuts the door.
 */
export const startSink = async ({ address, port, random, pause = 0 }: SinkOptions): Promise<Sink> => {
  const taken: TakenMail[] = []
  const incidents: object[] = []
  let life = -1
  let refusals = 0
  let watch: SinkWatch = {}
  const refuse = (code: number, enhancedCode: string, text: string, close = false): SmtpRefusal => {
    refusals += 1
    return new SmtpRefusal({ code, enhancedCode, text }, 'sink', { close })
  }
  const session = (): MailSession => {
    const mine = life
    let recipients: string[] = []
    return {
      mail: async () => {
        recipients = []
        if (random() < 0.003) throw refuse(421, '4.3.2', 'Shutting the door', true)
      },
      rcpt: async (recipient) => {
        if (recipient.startsWith('nobody@')) throw refuse(550, '5.1.1', 'Nobody by that name')
        if (random() < 0.05) throw refuse(450, '4.2.0', 'Come again')
        recipients.push(recipient)
      },
      data: async (message) => {
        watch.begins?.()
        let head = ''
        for await (const octets of message) if (head.length < 4_096) head += Buffer.from(octets).toString('latin1')
        if (random() < 0.05) throw refuse(451, '4.3.0', 'Come again with it')
        if (pause > 0) await sleep(pause)
        const id = /^Received: .*?\bid (\w{26})/ms.exec(head)?.[1]
        if (id === undefined) throw new Error(`a mail without its id: ${head}`)
        taken.push({ id, recipients, life: mine })
        watch.takes?.()
        return { code: 250, enhancedCode: '2.0.0', text: 'Taken' }
      },
      reset: () => {},
      logout: () => {},
    }
  }
  const listener = await listenSmtp({
    bind: address,
    port,
    hostname: 'sink.test',
    tls: await tlsMaterial(),
    mode: 'mx',
    sessions: { connect: async () => session() },
    log: { warn: () => {}, error: (fields, text) => void incidents.push({ ...fields, text }) },
    limits: () => generousLimits,
  })
  return {
    port: listener.port,
    taken,
    incidents,
    get refusals() {
      return refusals
    },
    nextLife(watching) {
      life += 1
      watch = watching
    },
    close: () => listener.close(0),
  }
}
