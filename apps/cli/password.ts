import { createInterface } from 'node:readline'
import type { Io } from './io.ts'
import { wrongUsage } from './problem.ts'

/**
 * Asked for on a terminal without echo, twice where a new one is set (`once`: there is one, which is only to be typed); or the first line of
 * stdin with `--password-stdin`.
 */
export const readPassword = async (
  io: Io,
  { fromStdin, example, once = false }: { fromStdin: boolean; example: string; once?: boolean },
): Promise<string> => {
  if (fromStdin) {
    const password = await firstLine(io)
    if (password === '')
      throw wrongUsage('There was no password on stdin.', `${example} --password-stdin < password.txt`)
    return password
  }
  if (io.stdin.isTTY !== true || io.stdin.setRawMode === undefined)
    throw wrongUsage('There is no terminal to ask for the password.', `${example} --password-stdin < password.txt`)
  const password = await hidden(io, 'Password: ')
  if (password === '') throw wrongUsage('The password is empty.')
  if (!once && (await hidden(io, 'Once more: ')) !== password)
    throw wrongUsage('The two are not the same. Nothing was changed.')
  return password
}

const MAX_LINE = 4_096

const firstLine = async ({ stdin }: Io): Promise<string> => {
  for await (const line of createInterface({ input: stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.length > MAX_LINE) throw wrongUsage(`The first line of stdin is longer than ${MAX_LINE} characters.`)
    return line
  }
  return ''
}

const ETX = '\u0003'
const EOT = '\u0004'
const ERASE: ReadonlySet<string> = new Set(['\u0008', '\u007f'])
const END: ReadonlySet<string> = new Set(['\r', '\n', EOT])

/** Reads a line key by key: in raw mode the terminal shows nothing. */
const hidden = ({ stdin, stderr }: Io, prompt: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const typed: string[] = []
    stderr.write(prompt)
    stdin.setRawMode?.(true)
    stdin.setEncoding('utf8')
    const finish = (end: () => void) => {
      stdin.removeListener('data', take)
      stdin.setRawMode?.(false)
      stdin.pause()
      stderr.write('\n')
      end()
    }
    const take = (chunk: string | Buffer) => {
      for (const key of String(chunk)) {
        if (key === ETX) return finish(() => reject(wrongUsage('Stopped. Nothing was changed.')))
        if (END.has(key)) return finish(() => resolve(typed.join('')))
        if (ERASE.has(key)) typed.pop()
        else typed.push(key)
      }
    }
    stdin.on('data', take)
    stdin.resume()
  })
