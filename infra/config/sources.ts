import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseDocument } from 'yaml'
import { type ConfigProblem, nearest } from './problems.ts'
import { environmentName, SETTING_KEYS, SETTINGS, type SettingKey } from './settings.ts'

/** What one source gives: text by setting, with the name under which the operator wrote it. */
export interface GivenValue {
  readonly name: string
  readonly text: string
}
export interface Source {
  readonly origin: 'environment' | 'file'
  readonly values: ReadonlyMap<SettingKey, GivenValue>
  readonly problems: readonly ConfigProblem[]
}

const PREFIX = 'MAILKEEP_'
const CONFIG_FILE = 'MAILKEEP_CONFIG'
const TEST_PREFIX = 'MAILKEEP_TEST_'
const MAX_FILE_BYTES = 1_048_576

const keyOfVariable = new Map(SETTING_KEYS.map((key) => [environmentName(key), key]))

/** Empty variables count as not set: that is how compose files and unit files leave one out. */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>): Source {
  const values = new Map<SettingKey, GivenValue>()
  const problems: ConfigProblem[] = []
  for (const [name, text] of Object.entries(env).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (!name.startsWith(PREFIX) || name.startsWith(TEST_PREFIX) || name === CONFIG_FILE) continue
    const key = keyOfVariable.get(name)
    if (key === undefined) problems.push(unknownKey(name, [...keyOfVariable.keys()], 'environment'))
    else if (text !== undefined && text !== '') values.set(key, { name, text })
  }
  return { origin: 'environment', values, problems }
}

/** The file named by MAILKEEP_CONFIG must be there; ./mailkeep.yaml may be. */
export function readFile(env: Readonly<Record<string, string | undefined>>, cwd: string): Source {
  const named = env[CONFIG_FILE] === '' ? undefined : env[CONFIG_FILE]
  const file = resolve(cwd, named ?? 'mailkeep.yaml')
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if (named === undefined && (error as NodeJS.ErrnoException).code === 'ENOENT') return fileSource(new Map(), [])
    return fileSource(new Map(), [
      { name: CONFIG_FILE, given: file, expected: `a readable YAML file (${(error as Error).message})` },
    ])
  }
  return parseSettings(text, file)
}

function parseSettings(text: string, file: string): Source {
  const wrong = (given: string, expected: string) => fileSource(new Map(), [{ name: file, given, expected }])
  if (text.length > MAX_FILE_BYTES) return wrong(`${text.length} characters`, `at most ${MAX_FILE_BYTES}`)
  // Every scalar stays the text that was written: a password of digits must not become a number.
  const document = parseDocument(text, { schema: 'failsafe' })
  const [first] = document.errors
  if (first !== undefined) return wrong('not YAML', first.message.split('\n')[0] ?? 'YAML')
  const root: unknown = document.toJS({ maxAliasCount: 10 })
  if (root === null || root === undefined || root === '') return fileSource(new Map(), [])
  if (!isMap(root)) return wrong(Array.isArray(root) ? 'a list' : 'one value', 'settings as `name: value`')

  const values = new Map<SettingKey, GivenValue>()
  const problems: ConfigProblem[] = []
  for (const [name, value] of leaves(root, '')) {
    const key = SETTING_KEYS.find((key) => key === name)
    if (key === undefined) problems.push(unknownKey(name, SETTING_KEYS, 'file'))
    else if (values.has(key)) problems.push({ name, given: 'twice', expected: 'one value' })
    else if (Array.isArray(value) && SETTINGS[key].type.list && value.every((item) => typeof item === 'string')) {
      values.set(key, { name, text: value.join(',') })
    } else if (typeof value !== 'string') {
      problems.push({ name, given: Array.isArray(value) ? 'a list' : 'a map', expected: SETTINGS[key].type.expected })
    } else if (value !== '') values.set(key, { name, text: value })
  }
  return fileSource(values, problems)
}

/** `{mx: {port: '0'}}` and `{'mx.port': '0'}` are the same; what is below a known key is its value. */
function* leaves(map: Readonly<Record<string, unknown>>, prefix: string): Iterable<[string, unknown]> {
  for (const [key, value] of Object.entries(map)) {
    const name = `${prefix}${key}`
    if (isMap(value) && !SETTING_KEYS.some((known) => known === name)) yield* leaves(value, `${name}.`)
    else yield [name, value]
  }
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const fileSource = (values: ReadonlyMap<SettingKey, GivenValue>, problems: readonly ConfigProblem[]): Source => ({
  origin: 'file',
  values,
  problems,
})

function unknownKey(name: string, known: readonly string[], where: string): ConfigProblem {
  const close = nearest(name, known)
  return {
    name,
    given: `an unknown setting in the ${where}`,
    expected: close === undefined ? 'one of the settings that `mailkeep config show` lists' : `perhaps ${close}`,
  }
}
