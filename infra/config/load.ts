import { hostname } from 'node:os'
import { resolve } from 'node:path'
import { combinationProblems } from './combinations.ts'
import type { ConfigProblem } from './problems.ts'
import { maskGiven } from './secrecy.ts'
import {
  environmentName,
  NOT_IN_THIS_BUILD,
  type Setting,
  SETTING_KEYS,
  SETTINGS,
  type SettingKey,
  type SettingValues,
} from './settings.ts'
import { type GivenValue, readEnvironment, readFile, type Source } from './sources.ts'

type Head<K extends string> = K extends `${infer H}.${string}` ? H : K
type Tail<K extends string, H extends string> = K extends `${H}.${infer T}` ? T : never

/** The effective settings, nested by their dots: `config.mx.port`, `config.s3.secretKey`, `config.data`. */
export type Config = {
  readonly [H in Head<SettingKey>]: H extends SettingKey
    ? SettingValues[H]
    : { readonly [T in Tail<SettingKey, H>]: `${H}.${T}` extends SettingKey ? SettingValues[`${H}.${T}`] : never }
}

export type Origin = 'environment' | 'file' | 'default'
export type Origins = Readonly<Record<SettingKey, Origin>>

export type LoadedConfig =
  | { readonly ok: Config; readonly origins: Origins }
  | { readonly problems: readonly ConfigProblem[] }

/**
 * Environment over YAML file over default. Never throws for what an operator wrote: all problems are answered at once.
 * Paths are resolved against `cwd`.
 */
export function loadConfig(from: {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
}): LoadedConfig {
  const sources = [readEnvironment(from.env), readFile(from.env, from.cwd)]
  const problems = sources.flatMap((source) => source.problems)
  const values: Record<string, unknown> = {}
  const origins: Record<string, Origin> = {}
  const bad = new Set<SettingKey>()
  for (const key of SETTING_KEYS) {
    for (const source of sources.toReversed()) {
      const given = source.values.get(key)
      if (given === undefined) continue
      const read = readGiven(key, given, from.cwd)
      if ('problem' in read) {
        problems.push(read.problem)
        bad.add(key)
      } else [values[key], origins[key]] = [read.value, source.origin]
    }
  }
  for (const key of SETTING_KEYS) {
    if (origins[key] !== undefined) continue
    origins[key] = 'default'
    values[key] = defaultOf(key, values, from.cwd)
  }
  const effective = values as unknown as SettingValues
  const nameOf = (key: SettingKey): string => nameIn(sources, key)
  problems.push(...combinationProblems(effective, nameOf, bad))
  if (problems.length > 0) return { problems }
  return { ok: nest(values) as Config, origins: origins as unknown as Origins }
}

function readGiven(key: SettingKey, given: GivenValue, cwd: string): { value: unknown } | { problem: ConfigProblem } {
  const setting: Setting<unknown> = SETTINGS[key]
  const parsed = setting.type.schema.safeParse(given.text)
  if (!parsed.success) {
    return { problem: problemWith(key, given, setting.type.expected) }
  }
  const missing = NOT_IN_THIS_BUILD.find((engine) => engine.key === key && engine.value === parsed.data)
  if (missing !== undefined) return { problem: problemWith(key, given, `another value: not available in this build`) }
  return { value: setting.type.path ? resolve(cwd, String(parsed.data)) : parsed.data }
}

const problemWith = (key: SettingKey, { name, text }: GivenValue, expected: string): ConfigProblem => ({
  name,
  given: maskGiven(SETTINGS[key].secrecy, text),
  expected,
  setting: key,
})

function defaultOf(key: SettingKey, values: Readonly<Record<string, unknown>>, cwd: string): unknown {
  const setting: Setting<unknown> = SETTINGS[key]
  const from = setting.default
  if ('says' in from) return null
  // The table has the source of a `sameAs` before its user.
  if ('sameAs' in from) return values[from.sameAs]
  // The machine's own name is taken as it is.
  if ('machine' in from) return hostname() || 'localhost'
  const value = setting.type.schema.parse(from.text)
  return setting.type.path ? resolve(cwd, String(value)) : value
}

function nameIn(sources: readonly Source[], key: SettingKey): string {
  for (const source of sources) {
    const given = source.values.get(key)
    if (given !== undefined) return given.name
  }
  return `${key} (${environmentName(key)})`
}

function nest(values: Readonly<Record<string, unknown>>): unknown {
  const nested: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(values)) {
    const [head = '', tail] = key.split('.')
    if (tail === undefined) nested[head] = freezeList(value)
    else nested[head] = { ...(nested[head] as object | undefined), [tail]: freezeList(value) }
  }
  for (const part of Object.values(nested)) Object.freeze(part)
  return Object.freeze(nested)
}

const freezeList = (value: unknown): unknown => (Array.isArray(value) ? Object.freeze(value) : value)
