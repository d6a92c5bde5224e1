import { isDeclined } from '#domain/kernel/decider'
import { owedCopies } from '#infra/commands/owed-copies'
import type { ContentMailRow, ContentRow } from '#projections/content-use/projection'
import { contentUseIsCurrent } from './content-use-is-current.ts'
import { putBefore } from './put-before.ts'
import type { SweepParts } from './steward-parts.ts'

const BATCH = 500

/**
 * Drops bytes that nothing needs any more: every recipient of every mail has an outcome and the grace period is over. First each mail is
 * told (`ContentDropped`), then the bytes go, unless they were put again since: a sweep never races a writer.
 */
export const sweepContent = async (parts: SweepParts): Promise<number> => {
  const { clock, content, policies, views } = parts
  await policies.fresh()
  await contentUseIsCurrent(parts)
  const { grace } = policies.current('storage').document
  const now = clock()
  const unused = views.select<ContentRow>(
    'content-use',
    'SELECT * FROM {contents} WHERE dropped = 0 AND mails = 0 AND copies = 0 AND lastOutcomeAt <= :before AND hash NOT IN (SELECT hash FROM {evidence}) LIMIT :limit',
    { before: now - grace, limit: BATCH },
  )
  let dropped = 0
  let owed = 0
  for (const { hash } of unused) {
    const told = await tellMails(parts, hash, { now, grace })
    if (told === 'owed') owed += 1
    if (told === 'done' && (await content.drop(hash, putBefore(now, grace)))) dropped += 1
  }
  if (owed > 0) parts.logger.warn({ contents: owed }, 'contents are kept: the archive has not got its copies yet')
  return dropped
}

/** `done`: all of them can do without. `owed`: the archive gets its copies first. */
const tellMails = async (
  { archiveTerms, commands, log, logger, views }: SweepParts,
  hash: string,
  { now, grace }: { now: number; grace: number },
): Promise<'done' | 'needed' | 'owed'> => {
  for (let after = ''; ;) {
    const mails = views.select<ContentMailRow>(
      'content-use',
      'SELECT * FROM {mails} WHERE (contentHash = :hash OR outgoing = :hash) AND mail > :after ORDER BY mail LIMIT :limit',
      { hash, after, limit: BATCH },
    )
    for (const { mail } of mails) {
      if ((await owedCopies({ log, terms: archiveTerms }, mail)).length > 0) return 'owed'
      const outcome = await commands.mail(
        mail,
        { kind: 'drop-content', contentHash: hash, reason: 'nothing needs it any more', now, grace },
        {
          actor: { kind: 'system', part: 'steward' },
          now,
          commandId: `${mail}/drop-content/${hash}`,
          correlationId: mail,
        },
      )
      if (isDeclined(outcome)) {
        logger.debug({ mail, reason: outcome.reason }, 'content is kept')
        return 'needed'
      }
    }
    if (mails.length < BATCH) return 'done'
    after = mails.at(-1)!.mail
  }
}
