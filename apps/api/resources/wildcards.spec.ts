import { expect, it } from 'vitest'
import { refuseWildcard } from './wildcards.ts'

const said = (entry: string): string => {
  try {
    refuseWildcard(entry)
    return 'nothing'
  } catch (error) {
    return error instanceof Error
      ? error.message.replace('path.entry: entries have no wildcards: write ', '')
      : 'no error'
  }
}

it('a wildcard is answered by how it is written here', () => {
  expect(said('*@bad.example')).toBe('@bad.example')
  for (const entry of ['*@*.bad.example', '@*.bad.example', '*.bad.example'])
    expect(said(entry)).toBe('.bad.example (with its subdomains)')
  for (const entry of ['*', 'offers*@bad.example', '*@bad.*', '*@*', '@bad*.example'])
    expect(said(entry)).toBe('local@domain, @domain, or .domain for a domain with its subdomains')
  for (const entry of ['a@bad.example', '@bad.example', '.bad.example', '%@bad.example'])
    expect(said(entry)).toBe('nothing')
})
