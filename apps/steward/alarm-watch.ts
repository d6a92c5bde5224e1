import { DAY } from '#domain/kernel/instant'
import { alarmId, type AlarmKind } from '#domain/alarm/events'
import type { AlarmRow } from '#projections/alarms/projection'
import type { DomainRow } from '#projections/directory/tables'
import { fullArchives } from './full-archives.ts'
import { hostsAway } from './hosts-away.ts'
import type { Trouble } from './trouble.ts'
import type { StewardParts } from './steward-parts.ts'
import { tellAlarm } from './tell-alarm.ts'

/** Compares how things are with what is raised, and says what changed: an alarm is an event when it begins and one when it is over. */
export const watchAlarms = async (parts: StewardParts): Promise<void> => {
  const troubles = await findTroubles(parts)
  const raised = parts.views.select<AlarmRow>('alarms', `SELECT * FROM {alarms} WHERE state <> 'over'`)
  for (const trouble of troubles) {
    const id = alarmId(trouble.kind, trouble.subject)
    if (!raised.some((alarm) => alarm.id === id))
      await tellAlarm(parts, id, {
        kind: 'raise',
        alarm: trouble.kind,
        subject: trouble.subject,
        detail: trouble.detail,
      })
  }
  for (const alarm of raised) {
    if (WATCHED_ELSEWHERE.has(alarm.kind)) continue
    // Each node knows its own disk and its own certificate.
    if (OF_ONE_NODE.has(alarm.kind) && alarm.subject !== parts.node) continue
    // After a restart nobody knows whether it is back, until the next mail has been scanned.
    if (alarm.kind === 'scanner-away' && !parts.conditions.scannersHaveAnswered()) continue
    if (!troubles.some((trouble) => alarmId(trouble.kind, trouble.subject) === alarm.id))
      await tellAlarm(parts, alarm.id, { kind: 'clear', detail: 'It is over.' })
  }
}

/** What takes look-ups in the DNS is watched more seldom: dkim-watch.ts, own-reputation.ts, block-list-watch.ts. */
const WATCHED_ELSEWHERE: ReadonlySet<AlarmKind> = new Set<AlarmKind>(['dkim-record', 'own-listing', 'block-list'])
const OF_ONE_NODE: ReadonlySet<AlarmKind> = new Set<AlarmKind>(['disk', 'certificate'])

const findTroubles = async (parts: StewardParts): Promise<Trouble[]> => {
  const { clock, conditions, log, node, policies, views } = parts
  await policies.fresh()
  const { certificate, freeSpace, lag } = policies.current('storage').document
  const troubles: Trouble[] = []

  const free = conditions.freeBytes()
  if (free < freeSpace)
    troubles.push({
      kind: 'disk',
      subject: node,
      detail: `Only ${megabytes(free)} MB are free where the data is. Below ${megabytes(freeSpace / 4)} MB new mail is refused for a while: make room.`,
    })

  const endsAt = conditions.certificateEndsAt()
  if (endsAt !== null && endsAt - clock() < certificate)
    troubles.push({
      kind: 'certificate',
      subject: node,
      detail: `The TLS certificate ends in ${Math.max(0, Math.floor((endsAt - clock()) / DAY))} days: put a new one in place, it is loaded by itself.`,
    })

  for (const projection of conditions.projections()) {
    if (projection.stopped !== null)
      troubles.push({
        kind: 'projection-stopped',
        subject: projection.name,
        detail: `The view ${projection.name} has stopped: ${projection.stopped}`,
      })
    else if (projection.lagMs > lag)
      troubles.push({
        kind: 'lag',
        subject: projection.name,
        detail: `The view ${projection.name} is ${Math.round(projection.lagMs / 1000)} s behind the log.`,
      })
  }

  for (const [scanner, why] of conditions.scannersAway())
    troubles.push({
      kind: 'scanner-away',
      subject: scanner,
      detail: `The virus scanner ${scanner} does not answer (${why}). Mail waits and goes on by itself when it is back; nothing is delivered unscanned.`,
    })

  const notCopied = views.select<DomainRow>(
    'directory',
    'SELECT * FROM {domains} WHERE syncProblem IS NOT NULL LIMIT 100',
  )
  for (const { name, syncProblem } of notCopied)
    troubles.push({
      kind: 'directory-sync',
      subject: name,
      detail: `The LDAP directory of ${name} could not be copied: ${syncProblem}`,
    })

  troubles.push(...hostsAway(parts), ...fullArchives(parts))

  for (const group of conditions.groups) {
    const { parked } = await log.groupStatus(group)
    if (parked > 0)
      troubles.push({
        kind: 'parked',
        subject: group,
        detail: `${parked} mails could not be worked on by ${group} and are set aside. See why, then put them back: mailkeep doctor`,
      })
  }
  return troubles
}

const megabytes = (bytes: number): number => Math.round(bytes / 1024 / 1024)
