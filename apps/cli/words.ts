import { DAY, HOUR, MINUTE } from '#domain/kernel/instant'
import type { Screen } from './screen.ts'
import type { Cell } from './table.ts'

/** A state is always word, icon and colour, the same everywhere (look.md); in a pipe the word alone. */
const STATES = {
  delivered: { icon: '✓', colour: 'green' },
  released: { icon: '✓', colour: 'green' },
  quarantined: { icon: '■', colour: 'yellow' },
  pending: { icon: '…', colour: 'blue' },
  deferred: { icon: '↻', colour: 'blue' },
  releasing: { icon: '…', colour: 'blue' },
  due: { icon: '…', colour: 'blue' },
  held: { icon: '■', colour: 'yellow' },
  unheld: { icon: '…', colour: 'blue' },
  refused: { icon: '⊘', colour: 'gray' },
  discarded: { icon: '⊘', colour: 'gray' },
  expired: { icon: '⊘', colour: 'gray' },
  infected: { icon: '☣', colour: 'red' },
  virus: { icon: '☣', colour: 'red' },
  bounced: { icon: '↩', colour: 'red' },
  undeliverable: { icon: '↩', colour: 'red' },
  failed: { icon: '✗', colour: 'red' },
  live: { icon: '✓', colour: 'green' },
  same: { icon: '✓', colour: 'green' },
  rebuilt: { icon: '✓', colour: 'green' },
  'catching-up': { icon: '…', colour: 'blue' },
  rebuilding: { icon: '…', colour: 'blue' },
  stopped: { icon: '✗', colour: 'red' },
  differs: { icon: '✗', colour: 'red' },
  ok: { icon: '✓', colour: 'green' },
  warning: { icon: '!', colour: 'yellow' },
  problem: { icon: '✗', colour: 'red' },
  missing: { icon: '✗', colour: 'red' },
  wrong: { icon: '✗', colour: 'red' },
  unknown: { icon: '?', colour: 'blue' },
  signing: { icon: '✓', colour: 'green' },
  waiting: { icon: '…', colour: 'blue' },
  replaced: { icon: '⊘', colour: 'gray' },
  published: { icon: '✓', colour: 'green' },
  different: { icon: '✗', colour: 'red' },
} as const

export type StateWord = keyof typeof STATES

const isStateWord = (word: string): word is StateWord => Object.hasOwn(STATES, word)

export const stateCell = ({ colors, isTerminal }: Screen, word: string): Cell => {
  if (!isTerminal || !isStateWord(word)) return word
  const { icon, colour } = STATES[word]
  return { text: `${icon} ${word}`, paint: colors[colour] }
}

/** `12 min ago` within a day, then date and time here; in a pipe as RFC 3339. */
export const timeText = ({ isTerminal }: Screen, time: string | null, now = Date.now()): string => {
  if (time === null) return '-'
  if (!isTerminal) return time
  const at = Date.parse(time)
  const distance = Math.abs(now - at)
  if (distance >= DAY) return exactTime(time)
  const rough =
    distance < MINUTE
      ? 'a moment'
      : distance < HOUR
        ? `${Math.round(distance / MINUTE)} min`
        : `${Math.round(distance / HOUR)} h`
  return at <= now ? `${rough} ago` : `in ${rough}`
}

/** Local, to the second. */
export const exactTime = (time: string): string => {
  const at = new Date(time)
  const two = (value: number) => String(value).padStart(2, '0')
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`
}

export const sizeText = (bytes: number): string =>
  bytes < 1_000
    ? `${bytes} B`
    : bytes < 1_000_000
      ? `${(bytes / 1_000).toFixed(1)} kB`
      : bytes < 1_000_000_000
        ? `${(bytes / 1_000_000).toFixed(1)} MB`
        : `${(bytes / 1_000_000_000).toFixed(1)} GB`

export const durationText = (ms: number): string => {
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < MINUTE) return `${(ms / 1_000).toFixed(1)} s`
  if (ms < HOUR) return `${Math.round(ms / MINUTE)} min`
  return ms < 2 * DAY ? `${Math.round(ms / HOUR)} h` : `${Math.round(ms / DAY)} days`
}

export const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`
