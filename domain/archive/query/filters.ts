import { parseAddress } from '../../message/parse-address.ts'
import { period } from './period.ts'
import { QUERY_LIMITS, TEXT_FIELDS, type Condition, type TextField } from './query.ts'

/** What stands behind a filter's colon. */
interface Value {
  readonly text: string
  readonly quoted: boolean
}

/** A sentence: why the value does not fit. */
type Wrong = string

/** What `name:value` asks for. null: there is no filter of this name. */
export const condition = (name: string, value: Value): Condition | Wrong | null => {
  if (isTextField(name)) return textCondition(name, value)
  const read = Object.hasOwn(FILTERS, name) ? FILTERS[name as keyof typeof FILTERS] : undefined
  return read === undefined ? null : read(value.text.trim())
}

export const filterNames = (): readonly string[] => [...TEXT_FIELDS, ...Object.keys(FILTERS)]

/** Words, a phrase where it is quoted, or the beginning of a word where it ends in `*`. */
export const textCondition = (field: TextField | null, { text, quoted }: Value): Condition | Wrong => {
  const isPrefix = !quoted && text.endsWith('*')
  const sought = isPrefix ? text.replace(/\*+$/, '') : text
  const form = quoted ? 'phrase' : isPrefix ? 'prefix' : 'word'
  const letters = sought.match(LETTER)?.length ?? 0
  if (letters === 0) return `there is no letter or digit in ${shown(text)} that could be looked for`
  if (isPrefix && letters < QUERY_LIMITS.prefix)
    return `${shown(text)} is the beginning of too many words: write at least ${QUERY_LIMITS.prefix} letters before the *`
  return { is: 'text', field, form, text: quoted ? text.trim() : sought }
}

const LETTER = /[\p{L}\p{N}]/gu

const isTextField = (name: string): name is TextField => (TEXT_FIELDS as readonly string[]).includes(name)
const shown = (text: string): string => `"${text.length > 40 ? `${text.slice(0, 40)}…` : text}"`

const oneOf =
  <Found extends Condition>(choices: Readonly<Record<string, Found>>) =>
  (text: string): Found | Wrong => {
    const key = text.toLowerCase()
    return Object.hasOwn(choices, key)
      ? choices[key]!
      : `${shown(text)} is not possible here: ${Object.keys(choices).join(' or ')}`
  }

const date =
  (when: 'before' | 'after' | 'on') =>
  (text: string): Condition | Wrong =>
    period(text) === null
      ? `${shown(text)} is no date: write 2026, 2026-03, 2026-03-25 or 2026-03-25T14:30Z`
      : { is: 'date', when, value: text.toUpperCase() }

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 }

const size =
  (than: 'larger' | 'smaller') =>
  (text: string): Condition | Wrong => {
    const found = /^(\d{1,15})(?:\.(\d{1,3}))?([kmg]?)b?$/i.exec(text)
    if (found === null) return `${shown(text)} is no size: write bytes, or 500k, 5M, 1G`
    const bytes = Math.round(Number(`${found[1]}.${found[2] ?? '0'}`) * UNITS[found[3]!.toLowerCase()]!)
    return Number.isSafeInteger(bytes) ? { is: 'size', than, bytes } : `${shown(text)} is larger than any mail`
  }

const id = (text: string): string => text.replace(/^<(.*)>$/, '$1').trim()

const FILTERS = {
  has: oneOf({ attachment: { is: 'attachment' } }),
  in: oneOf({ sent: { is: 'role', role: 'sent' }, received: { is: 'role', role: 'received' } }),
  unreadable: oneOf({
    true: { is: 'unreadable', unreadable: true },
    false: { is: 'unreadable', unreadable: false },
  }),
  account: (text: string): Condition | Wrong => {
    const account = parseAddress(text)
    return account === null ? `${shown(text)} is no address of an account` : { is: 'account', account }
  },
  before: date('before'),
  after: date('after'),
  on: date('on'),
  larger: size('larger'),
  smaller: size('smaller'),
  'message-id': (text: string): Condition | Wrong =>
    id(text) === '' ? 'the Message-ID is missing' : { is: 'message-id', messageId: id(text) },
  thread: (text: string): Condition | Wrong =>
    id(text) === '' ? 'the Message-ID of a mail of the thread is missing' : { is: 'thread', of: id(text) },
} as const
