import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { sealed } from '#domain/kernel/sealed'
import { BadSecretKey, loadSecretKey, SealBroken, secretKeyFrom } from './secret-key.ts'

let data: string
beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'mailkeep-key-'))
})
afterAll(() => rm(data, { recursive: true }))

const key = secretKeyFrom(Buffer.alloc(32, 7))

it('opens what it sealed, in the form events carry', () => {
  for (const plain of ['', 'a', 'pässword '.repeat(500)]) {
    const text = key.seal(plain, 'account:ann')
    expect(sealed.parse(text)).toBe(text)
    expect(key.open(text, 'account:ann')).toBe(plain)
  }
  expect(key.seal('same', 'p')).not.toBe(key.seal('same', 'p'))
})

it('refuses another purpose, another key, altered text', () => {
  const text = key.seal('secret', 'account:ann')
  const altered = text.slice(0, -2) + (text.endsWith('AA') ? 'BB' : 'AA')
  expect(() => key.open(text, 'account:ben')).toThrow(SealBroken)
  expect(() => secretKeyFrom(Buffer.alloc(32, 8)).open(text, 'account:ann')).toThrow(SealBroken)
  expect(() => key.open(altered, 'account:ann')).toThrow(SealBroken)
  expect(() => key.open('secret', 'account:ann')).toThrow(SealBroken)
})

it('makes the key once, for its owner only, also when several start at once', async () => {
  const config = { data: join(data, 'new'), secret: { key: null } }
  const keys = await Promise.all(Array.from({ length: 5 }, () => loadSecretKey(config)))
  const text = keys[0]?.seal('x', 'p') ?? ''
  for (const other of [...keys, await loadSecretKey(config)]) expect(other.open(text, 'p')).toBe('x')
  expect((await stat(join(config.data, 'secret.key'))).mode & 0o777).toBe(0o600)
})

it('takes the setting over the file, and derives the same further keys', async () => {
  const set = await loadSecretKey({ data, secret: { key: Buffer.alloc(32, 7).toString('base64') } })
  expect(set.derive('links')).toEqual(key.derive('links'))
  expect(set.derive('links')).not.toEqual(set.derive('tokens'))
})

it('stops at a damaged key file and leaves it alone', async () => {
  await writeFile(join(data, 'secret.key'), 'short')
  await expect(loadSecretKey({ data, secret: { key: null } })).rejects.toThrow(BadSecretKey)
  expect(await readFile(join(data, 'secret.key'), 'utf8')).toBe('short')
})
