import type { Command } from 'commander'
import { type Cli, examples } from '../cli.ts'
import { wrongUsage } from '../problem.ts'
import type { Screen } from '../screen.ts'
import { counted, stateCell } from '../words.ts'
import { criteriaOf, type CriteriaOptions, withCriteria } from './queue-criteria.ts'

type Act = 'retry' | 'bounce' | 'hold' | 'unhold'

interface ActOptions extends CriteriaOptions {
  readonly all?: boolean
  readonly yes?: boolean
}

const ACTS = {
  retry: { does: 'try the next delivery now, even where the destination is away', all: 'everything that waits' },
  hold: { does: 'stop delivery attempts', all: 'everything that waits' },
  unhold: { does: 'go on with delivery attempts', all: 'everything that is on hold' },
  bounce: { does: 'give up, and tell who submitted it', all: 'everything that waits' },
} as const

export const addQueueActs = (group: Command, cli: Cli): void => {
  for (const act of ['retry', 'hold', 'unhold', 'bounce'] as const) addAct(group, cli, act)
}

const addAct = (group: Command, cli: Cli, act: Act): void => {
  const { does, all } = ACTS[act]
  const command = withCriteria(group.command(act).description(does).argument('[mail]', 'its id')).option('--all', all)
  if (act === 'bounce') command.option('--yes', 'needed for more than one mail')
  command.action(async (mail: string | undefined, options: ActOptions, given: Command) => {
    checkUsage(act, mail, options)
    const screen = cli.screen(given)
    const criteria = criteriaOf(options)
    const result = await cli.withOperator(async (operator) => {
      if (act === 'bounce' && mail === undefined && options.yes !== true) {
        const { entries } = await operator.ask('queue-count', { act, ...criteria })
        if (entries > 0) throw notWithoutYes(entries)
      }
      return cli.withProgress(screen, (bar) =>
        operator.ask('queue-act', { act, mail: mail ?? null, ...criteria }, (progress) => bar.show(progress)),
      )
    })
    if (result.results.some(({ state }) => state === 'failed')) cli.badNews()
    screen.answer(result, () => show(screen, act, result))
  })
  examples(
    command,
    `queue ${act} 01KAV3CX6Q1GJ5YB4R6DA7FXHS`,
    `queue ${act} --destination example.org${act === 'bounce' ? ' --older-than 2d --yes' : ''}`,
    `queue ${act} --all${act === 'bounce' ? ' --yes' : ''}`,
  )
}

const checkUsage = (act: Act, mail: string | undefined, options: ActOptions): void => {
  const given = Object.keys(criteriaOf(options))
  const all = options.all === true
  if (mail === undefined) {
    if (given.length === 0 && !all)
      throw wrongUsage(
        'Say which mail, or which deliveries (--destination, --sender ...), or --all for everything.',
        `mailkeep queue ${act} <mail>`,
      )
    return
  }
  if (all || given.some((name) => name !== 'recipient'))
    throw wrongUsage(
      'One mail by its id, or many by criteria: beside an id there is only --recipient.',
      `mailkeep queue ${act} ${mail}`,
    )
}

const notWithoutYes = (entries: number) =>
  wrongUsage(
    `${counted(entries, 'delivery', 'deliveries')} would be given up, and who submitted them told. Nothing was changed.`,
    'the same with --yes',
  )

interface Acted {
  readonly results: readonly {
    readonly mail: string
    readonly recipient: string
    readonly state: string
    readonly detail: string | null
  }[]
  readonly more: boolean
  readonly serverRuns: boolean
}

const show = (screen: Screen, act: Act, { results, more, serverRuns }: Acted): void => {
  if (results.length === 0) {
    screen.line('Nothing in the queue matches.')
    return
  }
  screen.table(
    [{ title: 'Mail' }, { title: 'Recipient' }, { title: 'State' }, { title: 'Detail', shrinks: true }],
    results.map((one) => [one.mail, one.recipient, stateCell(screen, one.state), one.detail]),
  )
  if (more) screen.note('There are more: the same once more.')
  if (!serverRuns && (act === 'retry' || act === 'unhold')) screen.note('No server runs: they are tried when it does.')
}
