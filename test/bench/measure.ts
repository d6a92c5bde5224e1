import { readFileSync, writeFileSync } from 'node:fs'

/** Per second, as /proc counts (Linux). */
const CLOCK_TICKS = 100

/** Milliseconds of processor, user and system: all threads, and the children that have ended. */
export const cpuOf = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  // The name in parentheses may hold blanks.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
  return (ticks * 1_000) / CLOCK_TICKS
}

/** MiB. `peak`: the most since the start, or since `forgetPeak`. */
export const memoryOf = (pid: number, which: 'now' | 'peak' = 'now'): number => {
  const field = which === 'now' ? 'VmRSS' : 'VmHWM'
  const found = new RegExp(`^${field}:\\s*(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'latin1'))
  if (found === null) throw new Error(`process ${pid} tells no ${field}`)
  return Number(found[1]) / 1_024
}

/** From now on the peak counts anew. */
export const forgetPeak = (pid: number): void => writeFileSync(`/proc/${pid}/clear_refs`, '5')

/** Pids of `pid` and all that it started. */
export const familyOf = (pid: number): number[] => {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim()
  return [pid, ...(children === '' ? [] : children.split(' ').flatMap((child) => familyOf(Number(child))))]
}

export const median = (values: readonly number[]): number =>
  values.toSorted((one, other) => one - other)[values.length >> 1] ?? 0

/** Progress for whoever watches, on a terminal or when asked for (`MAILKEEP_BENCH_PROGRESS`). */
export const say = (text: string): void => {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${text}`)
  else if (process.env['MAILKEEP_BENCH_PROGRESS'] !== undefined && text !== '') process.stderr.write(`${text}\n`)
}

/** Waits until whoever is measured by `used` has next to nothing left to do (at most half a minute). */
export const settled = async (used: () => number): Promise<void> => {
  for (let quiet = 0, looks = 0, last = used(); quiet < 3 && looks < 120; looks++) {
    await new Promise((wake) => setTimeout(wake, 250))
    const now = used()
    quiet = now - last <= 25 ? quiet + 1 : 0
    last = now
  }
}
