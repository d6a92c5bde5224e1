import { idOf, put } from '#domain/kernel/projection'
import type { Projection } from '#domain/kernel/projection'
import { DAY } from '#domain/kernel/instant'
import type { Instant } from '#domain/kernel/instant'
import { domainOf } from '#domain/message/mailbox'
import type { EdgeEvent, RefusalStage } from '#domain/edge/events'

/** What was turned away before acceptance. Newest first is `ORDER BY position DESC`, page on with `position < :cursor`. */
export type RefusalRow = {
  readonly position: string
  readonly id: string
  readonly at: Instant
  /** The UTC day's beginning. */
  readonly day: Instant
  /** `<node>-<day>` of the stream it came from. */
  readonly source: string
  readonly stage: RefusalStage
  readonly clientAddress: string
  readonly clientName: string | null
  readonly clientHelo: string | null
  readonly reversePath: string | null
  readonly recipient: string | null
  /** Lower case, for `?sender=`, `?recipient=` and a domain administrator's part. */
  readonly senderKey: string | null
  readonly recipientKey: string | null
  readonly recipientDomain: string | null
  readonly replyCode: number
  readonly replyEnhancedCode: string | null
  readonly replyText: string
  /** Names what refused. */
  readonly checkName: string
  readonly evidence: string | null
  readonly count: number
}

type RefusedEvent = Extract<EdgeEvent, { readonly type: 'Refused' }>

export const refusals: Projection<RefusedEvent> = {
  name: 'refusals',
  version: 1,
  tables: [
    {
      name: 'items',
      key: ['position'],
      columns: {
        position: 'text',
        id: 'text',
        at: 'integer',
        day: 'integer',
        source: 'text',
        stage: 'text',
        clientAddress: 'text',
        clientName: 'text',
        clientHelo: 'text',
        reversePath: 'text',
        recipient: 'text',
        senderKey: 'text',
        recipientKey: 'text',
        recipientDomain: 'text',
        replyCode: 'integer',
        replyEnhancedCode: 'text',
        replyText: 'text',
        checkName: 'text',
        evidence: 'text',
        count: 'integer',
      },
      indexes: [
        ['id'],
        ['recipientKey', 'position'],
        ['recipientDomain', 'position'],
        ['senderKey', 'position'],
        ['clientAddress', 'position'],
        ['day', 'position'],
      ],
    },
  ],
  types: ['Refused'],
  project: ({ data, position, occurredAt, stream }) => {
    const recipientKey = data.recipient?.toLowerCase() ?? null
    const row: RefusalRow = {
      position,
      id: data.id,
      at: occurredAt,
      day: occurredAt - (occurredAt % DAY),
      source: idOf(stream),
      stage: data.stage,
      clientAddress: data.client.address,
      clientName: data.client.name,
      clientHelo: data.client.helo,
      reversePath: data.reversePath,
      recipient: data.recipient,
      senderKey: data.reversePath?.toLowerCase() ?? null,
      recipientKey,
      recipientDomain: recipientKey === null ? null : domainOf(recipientKey),
      replyCode: data.reply.code,
      replyEnhancedCode: data.reply.enhancedCode,
      replyText: data.reply.text,
      checkName: data.check,
      evidence: data.evidence,
      count: data.count,
    }
    return [put('items', row)]
  },
}
