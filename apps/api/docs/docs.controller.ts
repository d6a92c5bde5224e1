import { Controller, Inject } from '@nestjs/common'
import { type Answer, ok, page } from '../route/answer.ts'
import { type Call, Route, route, TheCall } from '../route/route.ts'
import { RouteTable } from '../route/route-table.ts'
import { DOCS_POLICY, docsPage } from './docs-page.ts'
import { type OpenApi, openApiOf } from './openapi.ts'

const access = { who: ['anyone'], scope: null } as const
const openapi = route({
  verb: 'get',
  path: '/openapi.json',
  tag: 'Documentation',
  summary: 'This API as OpenAPI 3.1',
  access,
  answers: { 200: { is: 'OpenAPI', type: 'application/json' } },
})
const docs = route({
  verb: 'get',
  path: '/docs',
  tag: 'Documentation',
  summary: 'This API for reading',
  access,
  answers: { 200: { is: 'A page', type: 'text/html' } },
})

@Controller()
export class DocsController {
  readonly #routes: RouteTable
  #made: { readonly api: OpenApi; readonly html: string } | null = null

  constructor(@Inject(RouteTable) routes: RouteTable) {
    this.#routes = routes
  }

  @Route(openapi)
  openapi(@TheCall() _call: Call<typeof openapi>): Answer {
    return ok(this.#document().api)
  }

  @Route(docs)
  docs(@TheCall() _call: Call<typeof docs>): Answer {
    return page(this.#document().html, { 'Content-Security-Policy': DOCS_POLICY })
  }

  #document(): { readonly api: OpenApi; readonly html: string } {
    if (this.#made === null) {
      const api = openApiOf(this.#routes.routes)
      this.#made = { api, html: docsPage(api) }
    }
    return this.#made
  }
}
