import { readFile, writeFile } from 'node:fs/promises'
import openapiTypes, { astToString } from 'openapi-typescript'
import { expect, it } from 'vitest'
import { CONTROLLERS } from '../api.module.ts'
import { RouteTable } from '../route/route-table.ts'
import { openApiOf } from './openapi.ts'

const TYPES = new URL('../../web/api/schema.d.ts', import.meta.url)

it('has the types that the web client is built with: MAILKEEP_UPDATE_GOLDENS=1 writes them', async () => {
  const api = openApiOf(new RouteTable(CONTROLLERS).routes)
  const types = `/* Made from the OpenAPI document; not written by hand. */\n${astToString(await openapiTypes(JSON.parse(JSON.stringify(api)) as never))}`
  if (process.env['MAILKEEP_UPDATE_GOLDENS'] === '1') await writeFile(TYPES, types)
  expect(await readFile(TYPES, 'utf8')).toBe(types)
})
