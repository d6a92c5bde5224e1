import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { Option, type Command } from 'commander'
import { parse, stringify } from 'yaml'
import { type Cli, examples } from '../cli.ts'
import type { Io } from '../io.ts'
import { changedPaths, isRecord, withValue, type Document } from '../document-paths.ts'
import { wholeNumber } from '../option-values.ts'
import { wrongUsage } from '../problem.ts'
import { addPolicySimulate } from './policy-simulate.ts'
import type { Screen } from '../screen.ts'

const NAMES = ['edge', 'inspection', 'delivery', 'storage', 'accounts'] as const
type PolicyName = (typeof NAMES)[number]

interface SetOptions {
  readonly file?: string
  readonly reason: string
  readonly expectedVersion?: number
}

interface ShownPolicy {
  readonly name: string
  readonly version: number
  readonly document: Document
  readonly defaults: Document
}

export const addPolicy = (program: Command, cli: Cli): void => {
  const group = program
    .command('policy')
    .description('policies: limits, weights, thresholds, schedules; times in milliseconds, sizes in bytes')
  examples(
    group
      .command('show')
      .description('a policy as it is, or all')
      .argument('[name]', NAMES.join(', '))
      .action(async (name: string | undefined, _options: object, command: Command) => {
        const screen = cli.screen(command)
        const wanted = name === undefined ? null : nameIn(name)
        const { items } = await cli.withOperator((operator) => operator.ask('policy-show', { name: wanted }))
        screen.answer(wanted === null ? { items } : items[0], () => {
          for (const item of items) showPolicy(screen, item)
        })
      }),
    'policy show',
    'policy show inspection > inspection.yaml',
  )
  examples(
    group
      .command('set')
      .description('set single values of a policy, or all of it from a file; it holds from the next SMTP command on')
      .argument('<name>', NAMES.join(', '))
      .argument('[path=value...]', 'e.g. threshold=6 or limits.messageSize=26214400')
      .option('--file <file>', 'the whole policy as YAML or JSON; - is stdin. What it leaves out gets its default')
      .option('--reason <text>', 'kept with the version', 'set at the command line')
      .addOption(
        new Option('--expected-version <n>', 'refuse when another version is in force').argParser(
          wholeNumber(0, Number.MAX_SAFE_INTEGER),
        ),
      )
      .action(async (given: string, changes: string[], options: SetOptions, command: Command) => {
        const screen = cli.screen(command)
        const name = nameIn(given)
        if ((options.file === undefined) === (changes.length === 0))
          throw wrongUsage(
            'Say what to change, or take the whole policy from a file.',
            `mailkeep policy set ${name} --file ${name}.yaml`,
          )
        const whole = options.file === undefined ? null : await readDocument(cli.io, options.file)
        const parsed = changes.map(changeIn)
        const result = await cli.withOperator(async (operator) => {
          const [before] = (await operator.ask('policy-show', { name })).items
          const document =
            whole ?? parsed.reduce((into, { path, value }) => withValue(into, path, value), before?.document ?? {})
          const expectedVersion = options.expectedVersion ?? (whole === null ? before?.version : undefined)
          return operator.ask('policy-set', {
            name,
            document,
            reason: options.reason,
            ...(expectedVersion === undefined ? {} : { expectedVersion }),
          })
        })
        screen.answer(result, () =>
          screen.line(
            result.changed
              ? `Policy ${name} has version ${result.version} now.`
              : `Policy ${name} says so already (version ${result.version}).`,
          ),
        )
      }),
    'policy set inspection threshold=6 --reason "too much newsletter held"',
    'policy set edge limits.messageSize=26214400 checks.reverseDns=reject',
    'policy set inspection --file inspection.yaml',
  )
  addPolicySimulate(group, cli, changeIn)
}

const nameIn = (given: string): PolicyName => {
  const name = NAMES.find((known) => known === given)
  if (name === undefined)
    throw wrongUsage(`There is no policy "${given}". There are: ${NAMES.join(', ')}.`, 'mailkeep policy show')
  return name
}

/** Fit for `policy set --file`: the facts are comments. */
const showPolicy = (screen: Screen, { name, version, document, defaults }: ShownPolicy): void => {
  const changed = changedPaths(document, defaults)
  const { bold, dim } = screen.colors
  screen.line(bold(`# policy ${name}, ${version === 0 ? 'the built-in default' : `version ${version}`}`))
  if (changed.length > 0) screen.line(dim(`# not the default: ${changed.join(', ')}`))
  screen.line(stringify(document))
}

const changeIn = (given: string): { path: readonly string[]; value: unknown } => {
  const at = given.indexOf('=')
  if (at < 1) throw wrongUsage(`"${given}" is not path=value.`, 'mailkeep policy set inspection threshold=6')
  // YAML: 6 is a number, [exe, scr] a list, null nothing, all else text.
  return { path: given.slice(0, at).split('.'), value: parse(given.slice(at + 1)) as unknown }
}

const readDocument = async (io: Io, file: string): Promise<Document> => {
  const written = file === '-' ? await text(io.stdin) : await readFile(resolve(io.cwd, file), 'utf8')
  const document: unknown = parse(written, { maxAliasCount: 10 })
  if (!isRecord(document))
    throw wrongUsage(`${file} holds no policy: expected \`name: value\` lines as "mailkeep policy show" prints them.`)
  return document
}
