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
      .option('--replay', 'make the verdict again from what was recorded, and compare: asks nobody, changes nothing')
      .action(async (id: string, options: { readonly replay?: true }, command: Command) => {
        const screen = cli.screen(command)
        const mails = await cli.withOperator(async (operator) => {
          const { mails } = await operator.ask('mail-trace', { mail: id })
          if (options.replay === undefined) return mails.map((mail) => ({ ...mail, replay: null }))
          return Promise.all(
            mails.map(async (mail) => ({ ...mail, replay: await operator.ask('mail-replay', { mail: mail.id }) })),
          )
        })
        if (mails.some(({ replay }) => replay?.same === false)) cli.badNews()
        const shown = mails.map(({ replay, ...mail }) => (replay === null ? mail : { ...mail, replay }))
        screen.answer(shown.length === 1 ? shown[0] : { items: shown }, () => {
          for (const [at, { replay, ...mail }] of mails.entries()) {
            if (at > 0) screen.line()
            showMail(screen, mail)
            if (replay !== null) showReplay(screen, replay)
          }
        })
      }),
    'mail trace 01KAV3CX6Q1GJ5YB4R6DA7FXHS',
    'mail trace 01KAV3CX6Q1GJ5YB4R6DA7FXHS --replay',
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

type Replayed = ResultOf<'mail-replay'>

const showReplay = (
  screen: Screen,
  { same, authentication, policyVersion, answers, differences, problem }: Replayed,
): void => {
  screen.line()
  if (same === null) return screen.line(`Not replayed. ${problem ?? ''}`)
  const how =
    authentication === 'recomputed'
      ? 'SPF, DKIM, DMARC and ARC from its content'
      : 'SPF, DKIM, DMARC and ARC as recorded, for its content is no longer kept'
  screen.line(
    `Replayed from ${answers} answers of the DNS under version ${policyVersion} of the policy, ${how}: ${same ? 'the same.' : 'not the same.'}`,
  )
  for (const { what, recorded, replayed } of differences) {
    screen.line(`  ${what}`)
    screen.line(`    recorded  ${printable(JSON.stringify(recorded))}`)
    screen.line(`    replayed  ${printable(JSON.stringify(replayed))}`)
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
