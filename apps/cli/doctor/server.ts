import type { ResultOf } from '#apps/mailkeep/operations'
import { listenersBeyondLoopback } from '#infra/config/loopback'
import type { Config } from '#infra/config/load'
import { counted, durationText } from '../words.ts'
import { ok, problem, warning, type Finding } from './finding.ts'

type Health = ResultOf<'health'>
type Status = ResultOf<'status'>

export const whoServes = (serverRuns: boolean, { pid }: Status): Finding =>
  serverRuns
    ? ok('server', `It runs as process ${pid}.`)
    : warning('server', 'It does not run: no mail is taken. Start it: mailkeep serve')

export const demo = (config: Config, { demoDomain, domains }: Status): Finding[] => {
  if (demoDomain === null)
    return [
      domains.length === 0
        ? warning('domains', 'No domain is hosted, so every mail is refused. Add one: mailkeep domain add example.org')
        : ok('domains', `${counted(domains.length, 'domain')} hosted.`),
    ]
  const beyond = listenersBeyondLoopback(config)
  return [
    beyond.length === 0
      ? ok('demo', `${demoDomain} is a demo and listens on loopback only.`)
      : problem('demo', `A demo may listen on loopback only, not on ${beyond.join(', ')}. Set bind to 127.0.0.1.`),
  ]
}

export const views = ({ projector, views: all, storage }: Health, serverRuns: boolean): Finding[] => {
  const findings: Finding[] = []
  if (projector.trouble !== null) findings.push(problem('views', projector.trouble))
  for (const { name, stopped } of all)
    if (stopped !== null)
      findings.push(
        problem(
          'views',
          `${name} has stopped: ${stopped}. When the cause is mended: mailkeep projection rebuild ${name}`,
        ),
      )
  const late = all.filter(({ lagMs, stopped }) => stopped === null && lagMs > storage.lag)
  if (late.length > 0 && serverRuns)
    findings.push(
      warning(
        'views',
        `${late.map(({ name, lagMs }) => `${name} is ${durationText(lagMs)} behind`).join(', ')}. They catch up by themselves; watch: mailkeep projection list`,
      ),
    )
  return findings.length > 0 ? findings : [ok('views', `All ${all.length} follow the log.`)]
}

export const setAside = ({ groups }: Health): Finding[] => {
  const parked = groups.filter((one) => one.parked > 0)
  if (parked.length === 0) return [ok('reactions', 'Nothing is set aside.')]
  return parked.map(({ group, parked: count }) =>
    problem(
      'reactions',
      `${counted(count, 'delivery', 'deliveries')} of ${group} set aside after many tries. See why: mailkeep reaction parked. Put back: mailkeep doctor --replay`,
    ),
  )
}

export const alarms = ({ alarms: raised }: Health): Finding[] =>
  raised.map(({ kind, detail }) => warning('alarm', `${kind}: ${detail}`))
