import { execFile } from 'node:child_process'
import { install } from './daemon.ts'

/** Debian's own, to which its packages of Python modules belong. */
const PYTHON = '/usr/bin/python3'

/** Runs a Python program that reads JSON and prints JSON; asynchronously, for what it talks to may live in this process. */
export const python = <Answer>(program: string, given: unknown): Promise<Answer> => {
  install('python3')
  return new Promise((resolve, reject) => {
    const options = { timeout: 60_000, maxBuffer: 64 * 1024 * 1024 }
    const child = execFile(PYTHON, ['-c', program], options, (error, stdout, stderr) => {
      if (error === null) resolve(JSON.parse(stdout) as Answer)
      else reject(new Error(`python: ${error.message}\n${stderr}`))
    })
    child.stdin?.end(JSON.stringify(given))
  })
}
