import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { installation } from '#test/dsl/api-installation'
import { CONTROLLERS } from '../api.module.ts'
import { fullPath } from '../route/route.ts'
import { RouteTable } from '../route/route-table.ts'
import type { OpenApi } from './openapi.ts'

const here = installation()
const { routes } = new RouteTable(CONTROLLERS)

describe('the OpenAPI document', () => {
  it('has every route, with what it takes and answers', async () => {
    const answer = await here.api.anonymous.get('/openapi.json')
    expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/json; charset=utf-8'])
    const api = answer.json as unknown as OpenApi
    expect(api.openapi).toBe('3.1.0')
    const documented = Object.entries(api.paths).flatMap(([path, verbs]) =>
      Object.keys(verbs).map((verb) => `${verb} ${path}`),
    )
    expect(documented.toSorted()).toEqual(
      routes.map((spec) => `${spec.verb} ${fullPath(spec).replaceAll(/:(\w+)/g, '{$1}')}`).toSorted(),
    )
    const release = api.paths['/api/v1/quarantine/{mail}/{recipient}/release']?.['post']
    expect(release?.parameters.map(({ name, in: place, required }) => [name, place, required])).toEqual([
      ['mail', 'path', true],
      ['recipient', 'path', true],
      ['Idempotency-Key', 'header', false],
    ])
    expect(release?.requestBody).toMatchObject({ required: false })
    expect(api.paths['/api/v1/session']?.['post']?.requestBody).toMatchObject({
      required: true,
      content: { 'application/json': { schema: { required: ['address', 'password'], additionalProperties: false } } },
    })
  })

  it('says that mails of the list come without their events', async () => {
    const { paths } = (await here.api.anonymous.get('/openapi.json')).json as unknown as OpenApi
    expect(paths['/api/v1/mails']?.['get']?.description).toContain('An item has no `events`')
  })

  it('refers only to shapes it has, and gives every operation a name of its own', async () => {
    const { text, json } = await here.api.anonymous.get('/openapi.json')
    const api = json as unknown as OpenApi
    const referred = [...text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name ?? '')
    expect(referred.length).toBeGreaterThan(50)
    for (const name of referred) expect(Object.keys(api.components.schemas)).toContain(name)
    expect(text).not.toContain('#/$defs/')
    const ids = Object.values(api.paths).flatMap((verbs) => Object.values(verbs).map(({ operationId }) => operationId))
    expect(new Set(ids).size).toBe(ids.length)
    expect(Object.keys(api.components.schemas)).toEqual(
      expect.arrayContaining(['Mail', 'Recipient', 'Event', 'QuarantineItem', 'Account', 'Refusal', 'Problem']),
    )
  })
})

describe('the page for reading it', () => {
  it('loads nothing and runs nothing', async () => {
    const { status, headers, text } = await here.api.anonymous.get('/docs')
    expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8'])
    expect(text).not.toMatch(/<script|src=|url\(|@import|https?:\/\//)
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-/)
    expect(text).toContain('/api/v1/quarantine/{mail}/{recipient}/release')
  })
})

describe('the first page', () => {
  it('allows scripts of this server only, and styles with a nonce that is new each time', async () => {
    const { status, headers, text } = await here.api.anonymous.get('//')
    expect(status).toBe(200)
    const policy = String(headers['content-security-policy'])
    expect(policy).toMatch(
      /^default-src 'none'; script-src 'self'; style-src 'self' 'nonce-[^']{22,}'; connect-src 'self'/,
    )
    expect(policy).not.toContain('unsafe')
    expect(text).not.toMatch(/ on\w+=| style=|https?:\/\//)
    expect((await here.api.anonymous.get('//')).headers['content-security-policy']).not.toBe(policy)
  })

  it('serves the client at its pages, and no file but its own', async () => {
    const status = async (path: string) => (await here.api.anonymous.get(path)).status
    expect([await status('//lists'), await status('//find'), await status('//mails/01J')]).toEqual([200, 200, 200])
    const rail = await readFile(new URL('../../web/shell/pages.tsx', import.meta.url), 'utf8')
    const paths = [...rail.matchAll(/path: '\/(\w*)'/g)].map(([, page]) => `//${page}`)
    expect(paths.length).toBeGreaterThan(5)
    for (const path of paths) expect([path, await status(path)]).toEqual([path, 200])
    expect([
      await status('//nowhere'),
      await status('//assets/..%2Findex.html'),
      await status('//assets/x.js'),
    ]).toEqual([404, 404, 404])
  })
})
