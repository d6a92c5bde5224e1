import { PassThrough, Writable } from 'node:stream'
import { run } from '#apps/cli/run'

export interface CommandOutcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  /** stdout as JSON. */
  json<Value = Record<string, unknown>>(): Value
}

interface Typed {
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  readonly stdin?: string
  /** stdout and stderr are a terminal of this width. */
  readonly terminal?: number
}

/** Runs `mailkeep <args>` in this process, as somebody typed it. */
export const mailkeep = async (
  args: readonly string[],
  { env = {}, cwd = process.cwd(), stdin = '', terminal }: Typed = {},
): Promise<CommandOutcome> => {
  const [stdout, stderr] = [new Captured(terminal), new Captured(terminal)]
  const input = new PassThrough()
  input.end(stdin)
  const code = await run(args, { env, cwd, stdin: input, stdout, stderr })
  return {
    code,
    stdout: stdout.text,
    stderr: stderr.text,
    json: <Value>() => JSON.parse(stdout.text) as Value,
  }
}

class Captured extends Writable {
  text = ''
  readonly isTTY: boolean
  readonly columns: number

  constructor(terminal: number | undefined) {
    super({ decodeStrings: false })
    this.isTTY = terminal !== undefined
    this.columns = terminal ?? 80
  }

  override _write(chunk: string | Buffer, _encoding: string, done: () => void): void {
    this.text += String(chunk)
    done()
  }
}
