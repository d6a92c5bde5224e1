import type { Command } from 'commander'
import { type Cli, examples } from '../cli.ts'
import { replyText } from '../event-sentences.ts'
import { limit } from '../option-values.ts'
import { counted, stateCell, timeText } from '../words.ts'
import { addQueueActs } from './queue-acts.ts'
import { criteriaOf, type CriteriaOptions, withCriteria } from './queue-criteria.ts'

interface PageOptions {
  readonly limit: number
  readonly after?: string
}

const withPage = (command: Command): Command =>
  command.option('--limit <n>', 'at most', limit, 100).option('--after <next>', 'go on where the last list ended')

export const addQueue = (program: Command, cli: Cli): void => {
  const group = program.command('queue').description('mail that waits for delivery')
  addList(group, cli)
  addDestinations(group, cli)
  addQueueActs(group, cli)
}

const addList = (group: Command, cli: Cli): void => {
  const list = withPage(withCriteria(group.command('list').description('what waits, oldest first'))).action(
    async ({ limit, after, ...options }: CriteriaOptions & PageOptions, command: Command) => {
      const screen = cli.screen(command)
      const asked = { ...criteriaOf(options), limit, ...(after === undefined ? {} : { after }) }
      const result = await cli.withOperator((operator) => operator.ask('queue-list', asked))
      screen.answer(result, () => {
        if (result.items.length === 0) {
          screen.line('Nothing waits for delivery.')
          return
        }
        screen.table(
          [
            { title: 'Mail' },
            { title: 'To', shrinks: true },
            { title: 'State' },
            { title: 'Tries', align: 'right' },
            { title: 'Next' },
            { title: 'Reply', shrinks: true },
            { title: 'Subject', shrinks: true },
          ],
          result.items.map((item) => [
            item.mail,
            item.recipient,
            item.held ? 'on hold' : stateCell(screen, item.state),
            item.attempts,
            timeText(screen, item.dueAt),
            item.reply === null ? null : replyText(item.reply),
            item.subject,
          ]),
        )
        screen.note(
          result.next === null
            ? `${counted(result.items.length, 'delivery waits', 'deliveries wait')}. Try one now: mailkeep queue retry <mail>`
            : `There are more: mailkeep queue list --after ${result.next}`,
        )
      })
    },
  )
  examples(list, 'queue list', 'queue list --state deferred --destination example.org', 'queue list --older-than 1d')
}

const addDestinations = (group: Command, cli: Cli): void => {
  const destinations = withPage(
    group
      .command('destinations')
      .description('what waits, by destination, most first')
      .option('--destination <domain>', "this recipients' domain only")
      .option('--away', 'only those that can not be reached'),
  ).action(async (options: PageOptions & { destination?: string; away?: true }, command: Command) => {
    const screen = cli.screen(command)
    const result = await cli.withOperator((operator) => operator.ask('queue-destinations', options))
    screen.answer(result, () => {
      if (result.items.length === 0) {
        screen.line('Nothing waits for delivery.')
        return
      }
      screen.table(
        [
          { title: 'Destination', shrinks: true },
          { title: 'Waiting', align: 'right' },
          { title: 'Due', align: 'right' },
          { title: 'On hold', align: 'right' },
          { title: 'Since' },
          { title: 'Next' },
          { title: 'Away since' },
          { title: 'Reply', shrinks: true },
        ],
        result.items.map((item) => [
          item.destination,
          item.waiting,
          item.due,
          item.held,
          timeText(screen, item.waitingSince),
          timeText(screen, item.dueAt),
          timeText(screen, item.awaySince),
          item.reply === null ? null : `${item.host ?? ''}: ${replyText(item.reply)}`,
        ]),
      )
      screen.note(
        result.next === null
          ? `${counted(result.items.length, 'destination')}. What waits there: mailkeep queue list --destination <domain>`
          : `There are more: mailkeep queue destinations --after ${result.next}`,
      )
    })
  })
  examples(destinations, 'queue destinations', 'queue destinations --away --json')
}
