import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mailkeep } from '#test/dsl/command-line'
import { Command } from 'commander'
import { Cli } from './cli.ts'
import { processIo } from './io.ts'
import { createProgram } from './program.ts'

let empty: string
beforeAll(async () => {
  empty = await mkdtemp(join(tmpdir(), 'mailkeep-'))
})
afterAll(() => rm(empty, { recursive: true }))
const here = () => ({ cwd: empty, env: { MAILKEEP_DATA: join(empty, 'nothing') } })

describe('the command line', () => {
  it('alone shows the five commands one needs most', async () => {
    const { code, stdout } = await mailkeep([], here())
    expect(code).toBe(0)
    expect(stdout.match(/^mailkeep \w+/gm)).toHaveLength(5)
    expect((await mailkeep(['--json'], here())).json<{ commands: unknown[] }>().commands).toHaveLength(5)
  })

  it.each([
    [['lst'], /Unknown command 'lst'/, /Try: mailkeep --help/],
    [['domain', 'lst'], /Did you mean list/, /Try: mailkeep domain --help/],
    [['domain'], /Say which command/, /Try: mailkeep domain --help/],
    [['mail', 'trace'], /Missing required argument 'id'/, /Try: mailkeep mail trace --help/],
    [['queue', 'list', '--limit', '0'], /whole number from 1/, /Try: mailkeep queue list --help/],
    [['queue', 'retry'], /--all/, /Try: mailkeep queue retry <mail>/],
    [['queue', 'hold', '01KAV3CX6Q1GJ5YB4R6DA7FXHS', '--all'], /only --recipient/, /Try:/],
    [['queue', 'bounce', '--older-than', '2w'], /90m, 4h or 2d/, /Try: mailkeep queue bounce --help/],
    [['quarantine', 'list', '--reason', 'x'], /virus, unscannable/, /Try:/],
    [['account', 'add', 'a@b.test', '--role', 'boss'], /no role "boss"/, /domain-admin/],
    [['account', 'add', 'a@b.test'], /no terminal/, /Try: .*--password-stdin/],
    [['policy', 'set', 'edge'], /what to change/, /Try:/],
    [['policy', 'show', 'edgy'], /no policy "edgy"/, /Try:/],
    [['classify', 'nofile'], /nofile can't be read/, /ENOENT/],
    [['send', '--virus', '--spam', 'a@b.test'], /cannot be used with/, /Try: mailkeep send --help/],
  ])('%j is wrong usage: exit code 2, and what to type instead', async (args, says, instead) => {
    const { code, stdout, stderr } = await mailkeep(args, here())
    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toMatch(says)
    expect(stderr).toMatch(instead)
  })

  it('says errors as JSON where JSON was asked for', async () => {
    const { code, stderr } = await mailkeep(['domain', 'list', '--json'], here())
    expect(code).toBe(1)
    expect(JSON.parse(stderr)).toEqual({
      error: {
        message: expect.stringContaining('nothing was ever started there'),
        instead: expect.any(String),
        exitCode: 1,
      },
    })
    const wrong = await mailkeep(['--json', 'queue', 'list', '--limit', 'x'], here())
    expect(JSON.parse(wrong.stderr)).toMatchObject({ error: { exitCode: 2 } })
  })

  it('names every problem of the configuration at once', async () => {
    const env = { MAILKEEP_MX_PORT: 'x', MAILKEEP_NOPE: '1' }
    const { code, stderr } = await mailkeep(['config', 'check'], { cwd: empty, env })
    expect(code).toBe(2)
    expect(stderr).toMatch(/MAILKEEP_MX_PORT/)
    expect(stderr).toMatch(/MAILKEEP_NOPE/)
  })

  it('shows settings, where each came from, and no secret', async () => {
    const { stdout } = await mailkeep(['config', 'show', '--json'], {
      cwd: empty,
      env: { MAILKEEP_ADMIN_PASSWORD: 'not-for-eyes' },
    })
    const { items } = JSON.parse(stdout) as { items: { key: string; value: string; origin: string }[] }
    expect(items.find(({ key }) => key === 'admin.password')?.origin).toBe('environment')
    expect(items.find(({ key }) => key === 'mx.port')).toMatchObject({ value: '2525', origin: 'default' })
    expect(stdout).not.toContain('not-for-eyes')
  })

  it('has colour on a terminal, none in a pipe, none with NO_COLOR', async () => {
    const escape = '\u001b['
    const on = async (env: Readonly<Record<string, string>>, terminal?: number) =>
      (await mailkeep(['config', 'show'], { cwd: empty, env, ...(terminal === undefined ? {} : { terminal }) })).stdout
    expect(await on({}, 120)).toContain(escape)
    expect(await on({ NO_COLOR: '1' }, 120)).not.toContain(escape)
    expect(await on({})).not.toContain(escape)
  })

  it('looks and makes nothing where there is nothing', async () => {
    const { code, stdout } = await mailkeep(['doctor', '--json'], {
      ...here(),
      env: { ...here().env, MAILKEEP_DNS_SERVERS: '127.0.0.1:1', MAILKEEP_MX_PORT: '0', MAILKEEP_HTTP_PORT: '0' },
    })
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ healthy: false })
    const { readdir } = await import('node:fs/promises')
    expect(await readdir(empty)).toEqual([])
  })

  it('has help with an example at every command', () => {
    const leaves = (command: Command): Command[] =>
      command.commands.length === 0 ? [command] : command.commands.flatMap(leaves)
    const named = (command: Command): string =>
      command.parent === null ? command.name() : `${named(command.parent)} ${command.name()}`
    for (const command of leaves(createProgram(new Cli(processIo())))) {
      let help = ''
      command.configureOutput({ writeOut: (text) => void (help += text) }).outputHelp()
      expect(help).toContain(`$ ${named(command)}`)
      expect(help).toContain('--json')
    }
  })
})
