import { parseArgs } from 'node:util'
import { benchIndexing } from './archive-index.ts'
import { benchSearching } from './archive-search.ts'

const PARTS = { index: benchIndexing, search: benchSearching }

/** The archive. `--only index,search --mails 200000` (`--full`: 1,000,000) `--rounds 3`. */
export async function run(args: readonly string[]): Promise<string[]> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', default: Object.keys(PARTS).join(',') },
      mails: { type: 'string', default: '200000' },
      full: { type: 'boolean', default: false },
      rounds: { type: 'string', default: '3' },
    },
  })
  const mails = values.full ? 1_000_000 : Number(values.mails)
  const lines: string[] = []
  for (const name of values.only.split(',')) {
    if (!Object.hasOwn(PARTS, name)) throw new Error(`no part ${name}: there are ${Object.keys(PARTS).join(', ')}`)
    lines.push(...(await PARTS[name as keyof typeof PARTS]({ mails, rounds: Number(values.rounds) })))
  }
  return lines
}
