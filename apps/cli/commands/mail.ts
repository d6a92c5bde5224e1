import type { Command } from 'commander'
import type { MailEvent } from '#domain/mail/events'
import type { ResultOf } from '#apps/mailkeep/operations'
import { type Cli, examples } from '../cli.ts'
import { eventSentence, replyText } from '../event-sentences.ts'
import { printable } from '../printable.ts'
import type { Screen } from '../screen.ts'
import { exactTime, sizeText, stateCell, timeText } from '../words.ts'

type TracedMail = ResultOf<'mail-trace'>['mails'][number]

export const addMail = (program: Command, cli: Cli): void => {
  const group = program.command('mail').description('what happened to a mail')
  examples(
    group
      .command('trace')
      .description('a mail from its acceptance to each recipient, with every event')
      .argument('<id>', 'the id of the reply 250 2.0.0 Ok, or the Message-ID')
      .action(async (id: string, _options: object, command: Command) => {
        const screen = cli.screen(command)
        const { mails } = await cli.withOperator((operator) => operator.ask('mail-trace', { mail: id }))
        screen.answer(mails.length === 1 ? mails[0] : { items: mails }, () => {
          for (const [at, mail] of mails.entries()) {
            if (at > 0) screen.line()
            showMail(screen, mail)
          }
        })
      }),
    'mail trace 01KAV3CX6Q1GJ5YB4R6DA7FXHS',
    "mail trace '<20261124.1@example.net>'",
  )
}

const showMail = (screen: Screen, mail: TracedMail): void => {
  const { bold, dim } = screen.colors
  screen.line(`${bold(mail.id)}  ${mail.flow}, ${sizeText(mail.size)}, accepted ${timeText(screen, mail.acceptedAt)}`)
  screen.line()
  screen.facts([
    ['From', printable(senderText(mail))],
    ['Subject', printable(mail.subject ?? '(none)')],
    ['Message-ID', printable(mail.messageId ?? '(none)')],
    ['Client', printable(clientText(mail.client))],
    ['Content', `${mail.contentHash}${mail.contentKept ? '' : ' (no longer kept)'}`],
  ])
  screen.line()
  screen.table(
    [
      { title: 'Recipient', shrinks: true },
      { title: 'State' },
      { title: 'Why' },
      { title: 'Score', align: 'right' },
      { title: 'Reply', shrinks: true },
    ],
    mail.recipients.map(({ address, mailbox, state, reason, score, threshold, reply }) => [
      address.toLowerCase() === mailbox ? address : `${address} (${mailbox})`,
      stateCell(screen, state),
      reason,
      score === null ? null : `${score.toFixed(1)} of ${threshold?.toFixed(1) ?? '-'}`,
      reply === null ? null : replyText(reply),
    ]),
  )
  const symbols = mail.recipients.find((one) => one.symbols.length > 0)?.symbols ?? []
  if (symbols.length > 0) {
    screen.line()
    screen.table(
      [{ title: 'Symbol' }, { title: 'Weight', align: 'right' }, { title: 'Meaning', shrinks: true }],
      symbols.map(({ name, weight, description }) => [name, weight.toFixed(2), description]),
    )
  }
  screen.line()
  for (const event of mail.events) {
    const said = printable(eventSentence(event as unknown as MailEvent))
    screen.line(
      `${dim(screen.isTerminal ? exactTime(event.occurredAt) : event.occurredAt)}  ${event.type.padEnd(17)}  ${said}`,
    )
  }
}

const senderText = ({ headerFrom, headerFromName, reversePath }: TracedMail): string => {
  const from =
    headerFrom === null ? '(none)' : headerFromName === null ? headerFrom : `${headerFromName} <${headerFrom}>`
  return reversePath === headerFrom ? from : `${from}, envelope <${reversePath ?? ''}>`
}

const clientText = ({ address, name, helo }: TracedMail['client']): string =>
  [address, name === null ? null : `(${name})`, helo === null ? null : `as ${helo}`]
    .filter((part) => part !== null)
    .join(' ')
