import { Option, type Command } from 'commander'
import { type Cli, examples } from '../cli.ts'
import { wholeNumber } from '../option-values.ts'
import { printable } from '../printable.ts'
import { counted, sizeText, timeText } from '../words.ts'

interface SearchOptions {
  readonly reason: string
  readonly account?: string
  readonly limit: number
  readonly sort?: 'date' | 'relevance'
  readonly facets?: boolean
}

export const addArchive = (program: Command, cli: Cli): void => {
  const group = program.command('archive').description('the archive: what is kept of subscribers')
  const search = group
    .command('search')
    .description('find archived mail by words and filters; the search is on record, with its reason')
    .argument('<query...>', 'words and filters, as in docs/searching.md')
    .requiredOption('--reason <text>', 'why the archive is looked into')
    .option('--account <address>', 'one archive account; absent: all')
    .addOption(new Option('--limit <number>', 'how many at most').argParser(wholeNumber(1, 500)).default(20))
    .addOption(new Option('--sort <order>', 'newest first, or the best match first').choices(['date', 'relevance']))
    .option('--facets', 'count people, months, sizes and kinds of files of all that is found')
    .action(async (words: string[], options: SearchOptions, command: Command) => {
      const screen = cli.screen(command)
      const { reason, account, limit, sort, facets } = options
      const result = await cli.withOperator((operator) =>
        operator.ask('archive-search', {
          query: words.join(' '),
          reason,
          limit,
          facets: facets === true,
          ...(account === undefined ? {} : { account }),
          ...(sort === undefined ? {} : { sort }),
        }),
      )
      screen.answer(result, () => {
        screen.table(
          [
            { title: 'Archived' },
            { title: 'Account' },
            { title: 'Role' },
            { title: 'From' },
            { title: 'Subject', shrinks: true },
            { title: 'Size', align: 'right' },
            { title: 'Mail' },
          ],
          result.items.map(({ archivedAt, account, role, headerFrom, subject, size, mail }) => [
            timeText(screen, archivedAt),
            account,
            role,
            headerFrom,
            subject,
            sizeText(size),
            mail,
          ]),
        )
        for (const [name, values] of Object.entries(result.facets ?? {}))
          if (Array.isArray(values))
            screen.line(`${name}: ${values.map(({ value, count }) => `${printable(value)} ${count}`).join(', ')}`)
        if (result.next !== null) screen.note('There is more: narrow it down, or raise --limit.')
        if (result.behind) screen.note('The index has not caught up with the log: the newest mail may be missing.')
      })
    })
  examples(
    search,
    'archive search --reason "case 17" from:ann budget',
    'archive search --reason "case 17" --account ann@example.org on:2026-03 has:attachment',
  )
  const verify = group
    .command('verify')
    .description('compare the log with the contents and the search index, and mend the index')
    .option('--quick', 'look whether contents are there, without reading them')
    .action(async ({ quick }: { readonly quick?: boolean }, command: Command) => {
      const screen = cli.screen(command)
      const contents = quick === true ? 'there' : 'read'
      const result = await cli.withOperator((operator) => operator.ask('archive-verify', { contents }))
      const { missing, damaged } = result.content
      if (missing.count + damaged.count > 0) cli.badNews()
      screen.answer(result, () => {
        const { green, red } = screen.colors
        screen.line(`${counted(result.copies, 'copy', 'copies')}, ${result.purged} purged.`)
        const lost = missing.count + damaged.count
        screen.line(
          lost === 0
            ? green(quick === true ? 'Every copy has its content.' : 'Every copy has its content, byte for byte.')
            : red(`Contents: ${missing.count} missing, ${damaged.count} damaged. Restore them from a backup.`),
        )
        for (const id of [...missing.ids, ...damaged.ids]) screen.line(`  ${printable(id)}`)
        const { index } = result
        screen.line(
          index.mended === 0
            ? green('The index is right.')
            : `The index had ${index.missing.count} missing, ${index.surplus.count} too many and ${index.different.count} different: mended.`,
        )
      })
    })
  examples(verify, 'archive verify', 'archive verify --quick')
}
