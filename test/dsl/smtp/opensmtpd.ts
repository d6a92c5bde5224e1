import { setTimeout as sleep } from 'node:timers/promises'
import { SmtpClient } from './client.ts'

/*
 * The little language of OpenSMTPD's regression dialogues, as far as its files use it: `proc`, `test-case`, `call`, `repeat`,
 * `random`, `sleep`, `noop`, `fail`, `connect`, `starttls`, `write`, `writeln`, `expect smtp [ok|helo|permfail|tempfail]`, `expect disconnect`.
 */
type Statement =
  | { readonly kind: 'block' | 'random'; readonly statements: readonly Statement[] }
  | { readonly kind: 'repeat'; readonly times: number; readonly statement: Statement }
  | { readonly kind: 'call' | 'fail'; readonly text: string }
  | { readonly kind: 'write'; readonly text: string }
  | { readonly kind: 'sleep'; readonly time: number }
  | { readonly kind: 'expect'; readonly what: 'any' | 'ok' | 'helo' | 'permfail' | 'tempfail' | 'disconnect' }
  | { readonly kind: 'noop' | 'connect' | 'starttls' }

export interface DialogueCase {
  /** As given, else `#n`, counted from 1 in its file. */
  readonly name: string
  readonly autoconnect: boolean
  readonly expectFail: boolean
  readonly skip: boolean
  readonly body: Statement
}

export interface DialogueFile {
  readonly cases: readonly DialogueCase[]
  readonly procs: ReadonlyMap<string, Statement>
}

const token = /\s*(?:#[^\n]*\n\s*)*("(?:[^"\\]|\\.)*"|[{}]|[^\s{}"#][^\s{}"]*)/gy

class Tokens {
  readonly #tokens: string[]
  #at = 0

  constructor(text: string) {
    const source = `${text}\n`
    const end = source.replace(/(?:\s|#[^\n]*\n)+$/, '').length
    const found: string[] = []
    token.lastIndex = 0
    while (token.lastIndex < end) {
      const [, word] = token.exec(source) ?? []
      if (word === undefined) throw new Error(`cannot read the dialogue near octet ${token.lastIndex}`)
      found.push(word)
    }
    this.#tokens = found
  }

  get peek(): string | undefined {
    return this.#tokens[this.#at]
  }

  next(): string {
    const word = this.#tokens[this.#at++]
    if (word === undefined) throw new Error('the dialogue ends too early')
    return word
  }

  /** Takes the next word when it is this one. */
  takes(word: string): boolean {
    if (this.peek !== word) return false
    this.#at++
    return true
  }

  string(): string {
    const word = this.next()
    if (!word.startsWith('"')) throw new Error(`a string expected, not ${word}`)
    return word.slice(1, -1).replaceAll(/\\(.)/g, '$1')
  }
}

export const parseDialogues = (text: string): DialogueFile => {
  const tokens = new Tokens(text)
  const cases: DialogueCase[] = []
  const procs = new Map<string, Statement>()
  while (tokens.peek !== undefined) {
    const word = tokens.next()
    if (word === 'proc') {
      const name = tokens.next()
      while (tokens.peek?.startsWith('%') === true) tokens.next()
      procs.set(name, statement(tokens))
    } else if (word === 'test-case') cases.push(testCase(tokens, cases.length + 1))
    else throw new Error(`neither proc nor test-case: ${word}`)
  }
  return { cases, procs }
}

const testCase = (tokens: Tokens, number: number): DialogueCase => {
  const read = { name: `#${number}`, autoconnect: true, expectFail: false, skip: false }
  while (tokens.peek !== '{') {
    const word = tokens.next()
    if (word === 'name') read.name = tokens.string()
    else if (word === 'no-autoconnect') read.autoconnect = false
    else if (word === 'skip') read.skip = true
    else if (word === 'expect' && tokens.takes('fail')) read.expectFail = true
    else throw new Error(`no property of a test-case: ${word}`)
  }
  return { ...read, body: statement(tokens) }
}

const statement = (tokens: Tokens): Statement => {
  const word = tokens.next()
  switch (word) {
    case '{':
      return { kind: 'block', statements: untilBrace(tokens) }
    case 'random':
      if (!tokens.takes('{')) throw new Error('random takes a block')
      return { kind: 'random', statements: untilBrace(tokens) }
    case 'repeat':
      return { kind: 'repeat', times: Number(tokens.next()), statement: statement(tokens) }
    case 'call':
      return { kind: 'call', text: tokens.next() }
    case 'fail':
      return { kind: 'fail', text: tokens.string() }
    case 'write':
      return { kind: 'write', text: tokens.string() }
    case 'writeln':
      return { kind: 'write', text: `${tokens.string()}\r\n` }
    case 'sleep':
      return { kind: 'sleep', time: Number(tokens.next()) }
    case 'connect':
      tokens.string()
      if (tokens.takes('port')) tokens.next()
      return { kind: 'connect' }
    case 'noop':
    case 'starttls':
      return { kind: word }
    case 'expect':
      return expectation(tokens)
    default:
      throw new Error(`no statement: ${word}`)
  }
}

const untilBrace = (tokens: Tokens): Statement[] => {
  const statements: Statement[] = []
  while (!tokens.takes('}')) statements.push(statement(tokens))
  return statements
}

const expectation = (tokens: Tokens): Statement => {
  if (tokens.takes('disconnect')) return { kind: 'expect', what: 'disconnect' }
  if (!tokens.takes('smtp')) throw new Error(`no expectation: ${tokens.peek}`)
  for (const what of ['ok', 'helo', 'permfail', 'tempfail'] as const)
    if (tokens.takes(what)) return { kind: 'expect', what }
  return { kind: 'expect', what: 'any' }
}

const accepted: Readonly<Record<string, RegExp>> = {
  any: /^\d{3}/,
  ok: /^[23]/,
  helo: /^250/,
  permfail: /^5/,
  tempfail: /^4/,
}

/** Runs one case against a port; throws where the server does otherwise. */
export const runDialogue = async ({ procs }: DialogueFile, dialogue: DialogueCase, port: number): Promise<void> => {
  let client: SmtpClient | null = dialogue.autoconnect ? await SmtpClient.connect(port) : null
  let said = ''
  const connected = (): SmtpClient => {
    if (client === null) throw new Error('not connected')
    return client
  }
  const run = async (step: Statement): Promise<void> => {
    switch (step.kind) {
      case 'block':
        for (const inner of step.statements) await run(inner)
        return
      case 'random':
        // A fixed choice: a test must do the same every time.
        if (step.statements[0] !== undefined) await run(step.statements[0])
        return
      case 'repeat':
        for (let turn = 0; turn < step.times; turn++) await run(step.statement)
        return
      case 'call': {
        const proc = procs.get(step.text)
        if (proc === undefined) throw new Error(`no proc ${step.text}`)
        await run(proc)
        return
      }
      case 'fail':
        throw new Error(step.text)
      case 'write':
        said = step.text
        connected().write(step.text)
        return
      case 'sleep':
        await sleep(Math.min(step.time, 10))
        return
      case 'connect':
        client?.destroy()
        client = await SmtpClient.connect(port)
        return
      case 'starttls':
        await connected().startTls()
        return
      case 'noop':
        return
      case 'expect':
        await expectReply(connected(), step.what, said)
    }
  }
  try {
    await run(dialogue.body)
  } finally {
    client?.destroy()
  }
}

const expectReply = async (client: SmtpClient, what: string, said: string): Promise<void> => {
  const reply = await client.reply()
  if (what === 'disconnect') {
    // A server may say why before it closes.
    if (reply !== null && !reply.startsWith('421')) throw new Error(`expected the end after ${said}, got ${reply}`)
    await client.end()
    return
  }
  if (reply === null) throw new Error(`expected ${what} after ${said}, got the end`)
  if (accepted[what]?.test(reply) !== true) throw new Error(`expected ${what} after ${said}, got ${reply}`)
}
