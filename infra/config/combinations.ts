import { accessSync, constants } from 'node:fs'
import type { ConfigProblem } from './problems.ts'
import type { SettingKey, SettingValues } from './settings.ts'

/**
 * What is wrong with settings that are each well formed. `bad` are those already complained about: nothing is said twice.
 */
export function combinationProblems(
  values: SettingValues,
  nameOf: (key: SettingKey) => string,
  bad: ReadonlySet<SettingKey>,
): ConfigProblem[] {
  const problems: ConfigProblem[] = []
  const missing = (key: SettingKey, expected: string) => {
    if (!bad.has(key)) problems.push({ name: nameOf(key), given: 'nothing', expected, setting: key })
  }
  const pair = (one: SettingKey, other: SettingKey) => {
    if ((values[one] === null) === (values[other] === null)) return
    const [absent, present] = values[one] === null ? [one, other] : [other, one]
    missing(absent, `a value, because ${present} is set`)
  }

  if (values['log.engine'] === 'eventstore' && values['eventstore.url'] === null)
    missing('eventstore.url', 'a connection string, because log.engine is eventstore')
  if (values['content.engine'] === 's3' && values['s3.bucket'] === null)
    missing('s3.bucket', 'a bucket, because content.engine is s3')
  if (values['search.engine'] === 'elasticsearch' && values['elasticsearch.url'] === null)
    missing('elasticsearch.url', 'a URL, because search.engine is elasticsearch')
  if (values['antivirus.engine'].includes('clamd') && values['clamd.address'] === null)
    missing('clamd.address', 'host:port or the path of a socket, because antivirus.engine names clamd')

  pair('tls.cert', 'tls.key')
  pair('s3.accessKey', 's3.secretKey')
  pair('elasticsearch.username', 'elasticsearch.password')
  pair('relay.smarthostUser', 'relay.smarthostPassword')
  if (values['elasticsearch.apiKey'] !== null && values['elasticsearch.username'] !== null)
    problems.push({
      name: nameOf('elasticsearch.apiKey'),
      given: 'an API key and a user',
      expected: 'one of elasticsearch.apiKey and elasticsearch.username',
      setting: 'elasticsearch.apiKey',
    })

  for (const key of ['tls.cert', 'tls.key'] as const) {
    const unreadable = values[key] === null ? undefined : whyUnreadable(values[key])
    if (unreadable !== undefined)
      problems.push({
        name: nameOf(key),
        given: String(values[key]),
        expected: `a readable file (${unreadable})`,
        setting: key,
      })
  }
  return [...problems, ...portProblems(values, nameOf)]
}

const LISTENERS = ['mx', 'submission', 'submissions', 'http'] as const
const EVERY_ADDRESS = new Set(['0.0.0.0', '::'])

/** Two listeners can't have one port. */
function portProblems(values: SettingValues, nameOf: (key: SettingKey) => string): ConfigProblem[] {
  const taken: { name: string; bind: string; port: number }[] = []
  const problems: ConfigProblem[] = []
  for (const name of LISTENERS) {
    const port = values[`${name}.port`]
    const bind = values[`${name}.bind`]
    if (port === 'off' || port === 0) continue
    const other = taken.find(
      (l) => l.port === port && (l.bind === bind || [l.bind, bind].some((b) => EVERY_ADDRESS.has(b))),
    )
    if (other === undefined) taken.push({ name, bind, port })
    else {
      const key = `${name}.port` as const
      problems.push({
        name: nameOf(key),
        given: String(port),
        expected: `a port that ${other.name}.port does not have`,
        setting: key,
      })
    }
  }
  return problems
}

function whyUnreadable(file: string): string | undefined {
  try {
    accessSync(file, constants.R_OK)
    return undefined
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error)
  }
}
