import { createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { createSecureContext, type SecureContextOptions, TLSSocket } from 'node:tls'
import { onTestFinished } from 'vitest'
import { tlsMaterial } from './tls-material.ts'

/*
 * An SMTP or LMTP server that does what a dialogue says, one step a line:
 *   <- 250-here\n250 PIPELINING   it says these lines (\n between them), CRLF is added
 *   <= 250 o                      octets with \r \n \xHH, nothing added
 *   <* a 1000000                  that text so many times
 *   <. 60ms 220 here              octet by octet with so much time before each, CRLF is added
 *   -> MAIL FROM:<a@b>            the client's next line begins so; RSET is answered, QUIT ends it, wherever they come
 *   .. message                    a message up to its final dot
 *   .. octets 1000                so many octets of whatever
 *   .. starttls                   TLS from here on
 *   .. close | .. reset           ends the connection, with a FIN or an RST
 *   .. wait 50ms
 *   .. hang                       says nothing any more
 *   .. stall                      reads nothing any more
 *   .. again                      back to the line after `.. here`
 */
export interface ScriptedServer {
  readonly port: number
  /** As a client reaches it. */
  readonly at: { readonly host: string; readonly port: number } | { readonly socket: string }
  /** Messages that came to their final dot, as they were before dot-stuffing, with the lines of their envelope. */
  readonly messages: readonly { readonly envelope: readonly string[]; readonly content: string }[]
  /** What clients said, line by line, without messages. */
  readonly said: readonly string[]
  /** The names by which clients asked for TLS (SNI); null: one that asked for none. */
  readonly askedFor: readonly (string | null)[]
  /** Connections so far. */
  readonly connections: number
  /** Of those, open now and at most at a time. */
  readonly open: number
  readonly mostOpen: number
  /** Where a client did not say what the dialogue expects. */
  readonly surprises: readonly string[]
  /** The dialogue of the connections to come. */
  play(...dialogues: readonly string[]): void
  close(): Promise<void>
}

/**
 * The nth connection gets the nth dialogue, those after the last one the last one. Closed when the test is over. `tls`: its
 * certificate, else one for mx.test that nobody vouches for. `host`, `port`: where it listens, else on a free port of 127.0.0.1.
 */
export const scriptedServer = async (
  dialogues: readonly string[],
  {
    socket: path,
    tls,
    host = '127.0.0.1',
    port: wanted = 0,
  }: { socket?: string; tls?: SecureContextOptions; host?: string; port?: number } = {},
): Promise<ScriptedServer> => {
  const state = new State(dialogues, tls)
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => state.converse(socket))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    if (path === undefined) server.listen(wanted, host, resolve)
    else server.listen(path, resolve)
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const close = () => state.close(server)
  onTestFinished(close)
  return {
    port,
    at: path === undefined ? { host, port } : { socket: path },
    messages: state.messages,
    said: state.said,
    askedFor: state.askedFor,
    surprises: state.surprises,
    get connections() {
      return state.connections
    },
    get open() {
      return state.sockets.size
    },
    get mostOpen() {
      return state.mostOpen
    },
    play: (...next) => state.play(next),
    close,
  }
}

class State {
  readonly messages: { envelope: readonly string[]; content: string }[] = []
  readonly said: string[] = []
  readonly askedFor: (string | null)[] = []
  readonly surprises: string[] = []
  readonly tls: SecureContextOptions | null
  readonly sockets = new Set<Socket>()
  connections = 0
  mostOpen = 0
  #dialogues: readonly string[]
  #next = 0

  constructor(dialogues: readonly string[], tls: SecureContextOptions | null = null) {
    this.tls = tls
    this.#dialogues = dialogues
  }

  play(dialogues: readonly string[]): void {
    this.#dialogues = dialogues
    this.#next = 0
  }

  converse(socket: Socket): void {
    this.connections += 1
    this.sockets.add(socket)
    this.mostOpen = Math.max(this.mostOpen, this.sockets.size)
    socket.on('close', () => this.sockets.delete(socket))
    const dialogue = this.#dialogues[Math.min(this.#next++, this.#dialogues.length - 1)] ?? ''
    void new Dialogue(socket, dialogue, this).run()
  }

  close(server: Server): Promise<void> {
    for (const socket of this.sockets) socket.destroy()
    return new Promise((resolve) => server.close(() => resolve()))
  }
}

class Gone extends Error {}

class Dialogue {
  readonly #steps: readonly string[]
  readonly #state: State
  #socket: Socket
  #held = Buffer.alloc(0)
  #gone = false
  #wake: (() => void) | null = null
  #envelope: string[] = []

  constructor(socket: Socket, text: string, state: State) {
    this.#socket = socket
    this.#state = state
    this.#steps = text
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '' && !line.startsWith('#'))
    this.#listen(socket)
  }

  async run(): Promise<void> {
    try {
      for (let at = 0; at < this.#steps.length; at++) {
        const step = this.#steps[at]!
        if (step === '.. again') at = this.#steps.indexOf('.. here')
        else await this.#perform(step)
      }
      this.#socket.end()
    } catch (error) {
      if (!(error instanceof Gone)) this.#state.surprises.push(String(error))
      this.#socket.destroy()
    }
  }

  async #perform(step: string): Promise<void> {
    const rest = step.slice(3)
    switch (step.slice(0, 2)) {
      case '<-':
        return this.#say(`${rest.replaceAll(String.raw`\n`, '\r\n')}\r\n`)
      case '<=':
        return this.#say(unescaped(rest))
      case '<*': {
        const [text = '', times = '1'] = rest.split(' ')
        return this.#say(text.repeat(Number(times)))
      }
      case '<.': {
        const [, pause = '', text = ''] = /^(\d+)ms (.*)$/.exec(rest) ?? []
        for (const octet of `${text}\r\n`) {
          await sleep(Number(pause))
          await this.#say(octet)
        }
        return
      }
      case '->': {
        const line = await this.#command()
        if (!line.toUpperCase().startsWith(rest.toUpperCase())) throw new Error(`expected ${rest}, got ${line}`)
        return
      }
    }
    const [word, value = ''] = rest.split(' ')
    switch (word) {
      case 'here':
        return
      case 'message':
        return this.#message()
      case 'octets':
        while (this.#held.length < Number(value)) await this.#more()
        return
      case 'starttls':
        return this.#startTls()
      case 'close':
        this.#socket.end()
        throw new Gone()
      case 'reset':
        this.#socket.resetAndDestroy()
        throw new Gone()
      case 'wait':
        await sleep(Number.parseInt(value, 10))
        return
      case 'stall':
        this.#socket.pause()
        return new Promise(() => {})
      case 'hang':
        for (;;) await this.#more()
      default:
        throw new Error(`no step: ${step}`)
    }
  }

  /** Waits while the client does not read. */
  async #say(octets: string): Promise<void> {
    if (!this.#socket.writable) throw new Gone()
    if (this.#socket.write(octets)) return
    const socket = this.#socket
    await new Promise<void>((resolve) => {
      for (const event of ['drain', 'close']) socket.once(event, resolve)
    })
  }

  async #command(): Promise<string> {
    for (;;) {
      const line = await this.#line()
      this.#state.said.push(line)
      if (/^QUIT/i.test(line)) {
        await this.#say('221 2.0.0 Bye\r\n')
        this.#socket.end()
        throw new Gone()
      }
      if (!/^RSET/i.test(line)) {
        if (/^MAIL/i.test(line)) this.#envelope = []
        if (/^(?:MAIL|RCPT)/i.test(line)) this.#envelope.push(line)
        return line
      }
      await this.#say('250 2.0.0 Reset\r\n')
    }
  }

  async #line(): Promise<string> {
    for (;;) {
      const end = this.#held.indexOf('\r\n')
      if (end !== -1) {
        const line = this.#held.toString('utf8', 0, end)
        this.#held = this.#held.subarray(end + 2)
        return line
      }
      await this.#more()
    }
  }

  async #message(): Promise<void> {
    const lines: string[] = []
    for (;;) {
      const line = await this.#line()
      if (line === '.') break
      lines.push(line.startsWith('.') ? line.slice(1) : line)
    }
    this.#state.messages.push({ envelope: this.#envelope, content: lines.map((line) => `${line}\r\n`).join('') })
  }

  async #startTls(): Promise<void> {
    const material = this.#state.tls ?? (await tlsMaterial())()
    const plain = this.#socket
    plain.removeAllListeners('data')
    const secure = new TLSSocket(plain, { isServer: true, secureContext: createSecureContext(material) })
    this.#socket = secure
    this.#listen(secure)
    await new Promise<void>((resolve, reject) => {
      secure.once('secure', () => {
        const name: unknown = secure.servername
        this.#state.askedFor.push(typeof name === 'string' ? name : null)
        resolve()
      })
      secure.once('close', () => reject(new Gone()))
    })
  }

  #listen(socket: Socket): void {
    const gone = (): void => {
      this.#gone = true
      this.#wake?.()
    }
    socket.on('data', (octets) => {
      this.#held = Buffer.concat([this.#held, octets])
      this.#wake?.()
    })
    socket.on('end', gone)
    socket.on('close', gone)
    socket.on('error', gone)
  }

  async #more(): Promise<void> {
    if (this.#gone) throw new Gone()
    await new Promise<void>((resolve) => {
      this.#wake = resolve
    })
    this.#wake = null
  }
}

const unescaped = (text: string): string =>
  text.replaceAll(/\\(?:x([\dA-Fa-f]{2})|(.))/g, (_, hex: string | undefined, letter: string | undefined) =>
    hex === undefined
      ? ({ r: '\r', n: '\n', t: '\t' }[letter ?? ''] ?? letter ?? '')
      : String.fromCharCode(Number.parseInt(hex, 16)),
  )
