import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { parseDialogues, runDialogue, type DialogueFile } from '#test/dsl/smtp/opensmtpd'
import { recordingListener, type RecordingListener } from '#test/dsl/smtp/recording-listener'

const folder = join(process.env['MAILKEEP_TEST_DATA'] ?? '../shared/data', 'smtp/opensmtpd')
const present = existsSync(folder)
if (!present) console.warn(`skipped: OpenSMTPD's dialogues are not at ${folder}`)

/** Where its server takes what ours rightly does not. The case runs all the same, and must fail as said here. */
const differences: Readonly<Record<string, { readonly reply: string; readonly why: string }>> = {
  'test.mailfrom mailfrom.at-sign': {
    reply: '501 5.1.7',
    why: 'RFC 5321 4.1.2: <@> is no reverse-path; only <> is empty',
  },
  'test.mailfrom mailfrom.src-route': {
    reply: '501 5.1.7',
    why: 'RFC 5321 4.1.2: a source route is @host:, `whatever:` is neither that nor a local part',
  },
  'test.mailfrom mailfrom.option-auth': {
    reply: '555 5.5.4',
    why: 'RFC 4954 5: the parameter belongs to AUTH, which the MX does not offer (the submission listener takes it)',
  },
  'test.rcptto rcptto.src-route': {
    reply: '501 5.1.3',
    why: 'RFC 5321 4.1.2, as for the reverse-path',
  },
  'test.smtp0 #8': {
    reply: '500 5.5.2',
    why: 'a bare LF inside an address splits the command; lines end with CRLF and nothing else (RFC 5321 2.3.8)',
  },
}

/** The limits that the dialogues assume. */
const limits = { errorsPerConnection: 4, recipientsPerMail: 1_000, mailsPerConnection: 100 }

/** Cases of test.base that show that the language can fail. */
const failures: Readonly<Record<string, string>> = {
  'test.base #2': 'on purpose',
  'test.base #3': 'ahaha! I failed',
}

const names = ['base', 'mailfrom', 'rcptto', 'smtp0', 'smtp1', 'smtp2', 'smtp4', 'tls']
const files: readonly DialogueFile[] = present
  ? names.map((name) => parseDialogues(readFileSync(join(folder, `test.${name}`), 'utf8')))
  : []
const cases = files.flatMap((file, at) =>
  file.cases.map((dialogue) => {
    const name = `test.${names[at]} ${dialogue.name}`
    const difference = differences[name]
    const failure = difference === undefined ? (failures[name] ?? null) : `got ${difference.reply}`
    const title = difference === undefined ? name : `${name} differs: ${difference.why}`
    return { file, dialogue, name, failure, title }
  }),
)

describe.skipIf(!present)("OpenSMTPD's dialogues", () => {
  let listener: RecordingListener
  afterEach(() => listener.close(0))

  test.each(cases.filter(({ dialogue }) => !dialogue.skip))('$title', async ({ file, dialogue, failure }) => {
    listener = await recordingListener({ limits })
    const outcome = await runDialogue(file, dialogue, listener.port).then(
      () => 'as expected',
      (error: unknown) => String(error),
    )
    expect(outcome).toContain(failure ?? 'as expected')
  })
})

test.skipIf(!present)('every difference names a case, and no case is lost', () => {
  const known = new Set(cases.map(({ name }) => name))
  expect(Object.keys({ ...differences, ...failures }).filter((name) => !known.has(name))).toEqual([])
  expect(known.size).toBe(76)
})
