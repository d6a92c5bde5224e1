import { expect, it } from 'vitest'
import { compile } from './filter.ts'

it('lets the server choose categories when there are any, else types, and never what is its own', () => {
  expect(compile({ categories: ['mail', 'account'] }).server).toEqual({ on: 'stream', prefixes: ['mail-', 'account-'] })
  expect(compile({ types: ['Accepted', 'Scored'] }).server).toEqual({ on: 'type', regex: '^(?:Accepted|Scored)$' })
  expect(compile({ categories: ['mail'], types: ['Accepted'] })).toMatchObject({
    server: { on: 'stream' },
    exact: false,
  })
  expect(compile({}).server).toEqual({ on: 'type', regex: '^[^$]' })
})

it('matches types as they are written', () => {
  const { server } = compile({ types: ['a.b', 'c+(d)'] })
  const regex = new RegExp(server.on === 'type' ? server.regex : '', 'u')
  expect(['a.b', 'c+(d)', 'axb', 'a.bc', 'cc(d)'].map((type) => regex.test(type))).toEqual([
    true,
    true,
    false,
    false,
    false,
  ])
})

it.each([
  [{}, 'mail-1', 'Accepted', true],
  [{}, '$stats-1', 'Accepted', false],
  [{}, 'mail-1', '$metadata', false],
  [{ categories: ['mail'] }, 'mail-1-2', 'Accepted', true],
  [{ categories: ['mail'] }, 'mailbox-1', 'Accepted', false],
  [{ categories: ['mail'], types: ['Scored'] }, 'mail-1', 'Accepted', false],
  [{ categories: [] }, 'mail-1', 'Accepted', false],
])('%j on %s %s: %s', (filter, stream, type, expected) => {
  expect(compile(filter).matches(stream, type)).toBe(expected)
})

it('knows that an empty list matches nothing', () => {
  expect(compile({ types: [] }).empty).toBe(true)
  expect(compile({}).empty).toBe(false)
})
