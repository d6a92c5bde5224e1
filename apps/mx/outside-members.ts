import type { Recipient } from '#domain/mail/events'
import { domainOf } from '#domain/message/mailbox'
import type { PolicyDocument } from '#domain/policy/documents'
import type { LookUp } from './recipients.ts'

/** One recipient for each group that has members outside, which is judged for all of them; none where policy lets nothing go there. */
export const outsideMembers = (
  { outside }: Pick<Extract<LookUp, { kind: 'mailboxes' }>, 'outside'>,
  address: string,
  { domains, outside: usual }: PolicyDocument<'accounts'>['forwarding'],
): readonly Recipient[] =>
  [...Map.groupBy(outside, ({ group }) => group)].flatMap(([group, members]): Recipient[] =>
    (domains[domainOf(group)] ?? usual) === 'refuse'
      ? []
      : [
          {
            address,
            mailbox: group,
            route: 'mailbox',
            forward: { to: members.map(({ member }) => member), as: 'group' },
          },
        ],
  )
