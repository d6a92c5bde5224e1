import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { SETTING_KEYS } from './settings.ts'

it('has a line in docs/configuration.md for every setting', () => {
  const page = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8')
  expect(SETTING_KEYS.filter((key) => !page.includes(`| \`${key}\` |`))).toEqual([])
})
