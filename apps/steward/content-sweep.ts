import { isDeclined } from '#domain/kernel/decider'
import type { ContentMailRow, ContentRow } from '#projections/content-use/projection'
import { contentUseIsCurrent } from './content-use-is-current.ts'
import type { StewardParts } from './steward-parts.ts'

const BATCH = 500

/**
 * Drops bytes that nothing needs any more: every recipient of every mail has an outcome and the grace period is over. First each mail is
 * told (`ContentDropped`), then the bytes go, unless they were put again since: a sweep never races a writer.
 */
export const sweepContent = async (parts: StewardParts): Promise<number> => {
  const { clock, commands, content, logger, policies, views } = parts
  await policies.fresh()
  await contentUseIsCurrent(parts)
  const { grace } = policies.current('storage').document
  const now = clock()
  const unused = views.select<ContentRow>(
    'content-use',
    'SELECT * FROM {contents} WHERE dropped = 0 AND mails = 0 AND lastOutcomeAt <= :before AND hash NOT IN (SELECT hash FROM {evidence}) LIMIT :limit',
    { before: now - grace, limit: BATCH },
  )
  let dropped = 0
  for (const { hash } of unused) {
    let kept = false
    const mails = views.select<ContentMailRow>('content-use', 'SELECT * FROM {mails} WHERE contentHash = :hash', {
      hash,
    })
    for (const { mail } of mails) {
      const outcome = await commands.mail(
        mail,
        { kind: 'drop-content', reason: 'nothing needs it any more', now, grace },
        { actor: { kind: 'system', part: 'steward' }, now, commandId: `${mail}/drop-content`, correlationId: mail },
      )
      if (isDeclined(outcome)) {
        kept = true
        logger.debug({ mail, reason: outcome.reason }, 'content is kept')
      }
    }
    if (!kept && (await content.drop(hash, now - grace))) dropped += 1
  }
  return dropped
}
