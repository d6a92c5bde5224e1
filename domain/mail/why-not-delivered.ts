import type { Reply } from '../message/reply.ts'

/**
 * What a reply means to somebody who wrote a mail, by enhanced status code (RFC 3463), the more exact entry first, else by reply code. The
 * reply itself is always shown beside it.
 */
const WHY: readonly (readonly [RegExp, string])[] = [
  [/^[45]\.1\.1$/, 'There is no mailbox of that name. Look for a typing error in the address.'],
  [/^[45]\.1\.2$/, 'There is no such domain. Look for a typing error behind the @.'],
  [/^[45]\.1\.3$/, 'What was given is no address.'],
  [/^[45]\.1\.6$/, 'The mailbox has moved, and nobody says where to.'],
  [/^[45]\.1\.10$/, 'That domain says that it receives no mail.'],
  [/^[45]\.2\.1$/, 'The mailbox is closed for now, or for good.'],
  [/^[45]\.2\.2$/, 'The mailbox is full. Its owner must make room first.'],
  [/^[45]\.(2\.3|3\.4)$/, 'The mail is too large for the mailbox or for the server there.'],
  [/^[45]\.3\.\d+$/, 'The server there is in trouble or does not take such mail.'],
  [/^[45]\.4\.(1|2)$/, 'The server there could not be reached, or the connection broke.'],
  [/^[45]\.4\.3$/, 'It could not be found out which server takes mail for that domain.'],
  [/^[45]\.4\.4$/, 'No server takes mail for that domain.'],
  [/^[45]\.4\.6$/, 'The mail would have gone round in a circle.'],
  [/^[45]\.4\.7$/, 'It was tried for as long as mail is tried here.'],
  [/^[45]\.6\.7$/, 'The server there does not take addresses with letters beyond a to z.'],
  [/^[45]\.6\.\d+$/, 'The server there can not take mail of this form.'],
  [
    /^[45]\.7\.1$/,
    'The server there does not want this mail: its owner may write to you first, or reach you in another way.',
  ],
  [/^[45]\.7\.\d+$/, 'A security rule, there or here, forbids it.'],
]

/** A sentence for the sender; null: the reply speaks for itself. */
export const whyNotDelivered = ({ code, enhancedCode }: Reply): string | null => {
  const found = enhancedCode === null ? undefined : WHY.find(([pattern]) => pattern.test(enhancedCode))
  if (found !== undefined) return found[1]
  if (code === 552) return 'The mailbox is full, or the mail is too large for it.'
  return code < 500 ? 'The server there asked to try again later.' : null
}
