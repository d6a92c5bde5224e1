import { isDeclined } from '#domain/kernel/decider'
import { alarmId, type AlarmKind } from '#domain/alarm/events'
import type { AlarmRow } from '#projections/alarms/projection'
import type { StewardParts } from './steward-parts.ts'
import type { Trouble } from './trouble.ts'

/** Raises or clears an alarm, and writes it into the log file. */
export const tellAlarm = async (
  { clock, commands, logger }: Pick<StewardParts, 'clock' | 'commands' | 'logger'>,
  id: string,
  command: Parameters<StewardParts['commands']['alarm']>[1],
): Promise<void> => {
  const now = clock()
  const outcome = await commands.alarm(id, command, {
    actor: { kind: 'system', part: 'steward' },
    now,
    commandId: `${id}/${command.kind}/${now}`,
    correlationId: id,
  })
  if (isDeclined(outcome)) logger.warn({ alarm: id, reason: outcome.reason }, 'an alarm was declined')
  else if (outcome.events.length > 0)
    logger[command.kind === 'raise' ? 'error' : 'info'](
      { alarm: id, ...('detail' in command ? { detail: command.detail } : {}) },
      command.kind === 'raise' ? 'alarm' : 'alarm over',
    )
}

type AlarmParts = Pick<StewardParts, 'clock' | 'commands' | 'logger' | 'views'>

/**
 * Raises alarms of one kind for what was found and clears the others of that kind, but not those of which nothing is known now.
 */
export const settleAlarms = async (
  parts: AlarmParts,
  kind: AlarmKind,
  found: readonly Trouble[],
  isUnknown: (subject: string) => boolean,
): Promise<void> => {
  const raised = parts.views.select<AlarmRow>(
    'alarms',
    `SELECT * FROM {alarms} WHERE state <> 'over' AND kind = :kind`,
    { kind },
  )
  for (const { subject, detail } of found)
    if (!raised.some((alarm) => alarm.subject === subject))
      await tellAlarm(parts, alarmId(kind, subject), { kind: 'raise', alarm: kind, subject, detail })
  for (const alarm of raised)
    if (!isUnknown(alarm.subject) && !found.some(({ subject }) => subject === alarm.subject))
      await tellAlarm(parts, alarm.id, { kind: 'clear', detail: 'It is over.' })
}
