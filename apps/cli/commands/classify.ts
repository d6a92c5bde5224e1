import { stat } from 'node:fs/promises'
import { createReadStream } from 'node:fs'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { policyDocument, type InspectionPolicy } from '#domain/policy/documents'
import type { Classification } from '#apps/mailkeep/classify'
import { type Cli, examples } from '../cli.ts'
import { runningServer } from '../operator.ts'
import { printable } from '../printable.ts'
import { Problem, wrongUsage } from '../problem.ts'
import type { Screen } from '../screen.ts'

const MAX_BYTES = 64 * 1024 * 1024

export const addClassify = (program: Command, cli: Cli): void => {
  examples(
    program
      .command('classify')
      .description('scan and score a mail in a file; nothing is sent, stored or asked of DNS')
      .argument('<file>', 'a mail as it came (RFC 5322); - is stdin')
      .option('--from <address>', 'the envelope sender', (text) => text)
      .addHelpText(
        'after',
        '\nUses the policy of the running server, else the built-in one. Without the network there is no SPF, DKIM, DMARC and no block list.',
      )
      .action(async (file: string, options: { from?: string }, command: Command) => {
        const screen = cli.screen(command)
        const { config } = cli.config()
        const raw = await read(cli, file)
        const { classify } = await import('#apps/mailkeep/classify')
        const { policy, version } = await policyInForce(cli)
        const result = await classify(raw, config, policy, {
          acceptedAt: Date.now(),
          reversePath: options.from ?? null,
        })
        screen.answer({ file, policyVersion: version, ...result }, () => show(screen, result, version))
      }),
    'classify mail.eml',
    'classify - --json < mail.eml',
  )
}

const policyInForce = async (cli: Cli): Promise<{ policy: InspectionPolicy; version: number }> => {
  const server = await runningServer(cli.config().config)
  const shown = (await server?.ask('policy-show', { name: 'inspection' }))?.items[0]
  return { policy: policyDocument('inspection', shown?.document ?? {}), version: shown?.version ?? 0 }
}

const read = async (cli: Cli, file: string): Promise<Buffer> => {
  const path = resolve(cli.io.cwd, file)
  const chunks: Buffer[] = []
  let size = 0
  try {
    if (file !== '-' && !(await stat(path)).isFile())
      throw wrongUsage(`${file} is no file.`, 'mailkeep classify mail.eml')
    const source = file === '-' ? cli.io.stdin : createReadStream(path)
    for await (const chunk of source as AsyncIterable<Buffer | string>) {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
      size += bytes.length
      if (size > MAX_BYTES) throw new Problem(`${file} has more than ${MAX_BYTES} bytes.`)
      chunks.push(bytes)
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error) throw wrongUsage(`${file} can't be read (${String(error.code)}).`)
    throw error
  }
  return Buffer.concat(chunks)
}

const show = (screen: Screen, result: Classification, policyVersion: number): void => {
  const { green, yellow, bold } = screen.colors
  const paint = result.disposition === 'deliver' ? green : yellow
  const why = result.reason === null ? '' : ` (${result.reason})`
  const said = { deliver: 'Would be delivered', quarantine: 'Would be quarantined', wait: 'Would wait for the scanner' }
  screen.line(paint(bold(`${said[result.disposition]}${why}`)))
  screen.line()
  screen.facts([
    ['Score', `${result.score.toFixed(2)} of ${result.threshold.toFixed(2)}`],
    ['Scan', printable(scanText(result.scan))],
    ['Attachments', result.attachments.length === 0 ? 'none blocked' : printable(result.attachments.join('; '))],
    ['Policy', policyVersion === 0 ? 'built-in' : `inspection, version ${policyVersion}`],
  ])
  if (result.symbols.length === 0) return
  screen.line()
  screen.table(
    [{ title: 'Symbol' }, { title: 'Weight', align: 'right' }, { title: 'Meaning', shrinks: true }],
    result.symbols.map(({ name, weight, description }) => [name, weight.toFixed(2), description]),
  )
}

const scanText = (scan: Classification['scan']): string => {
  switch (scan.outcome) {
    case 'clean':
      return `no virus, says ${scan.scanner.name} ${scan.scanner.version}`
    case 'infected':
      return scan.viruses.map(({ name, part }) => (part === '' ? name : `${name} in ${part}`)).join(', ')
    case 'unavailable':
      return `${scan.scanner.name} has no answer: ${scan.reason}`
    case 'unscannable':
      return scan.findings.map(({ kind, part, detail }) => `${kind} ${part} (${detail})`).join('; ')
  }
}
