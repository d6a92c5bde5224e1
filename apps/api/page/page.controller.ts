import { Controller } from '@nestjs/common'
import { z } from 'zod'
import { type Answer, page } from '../route/answer.ts'
import { notFound } from '../route/problem.ts'
import { type Call, Route, route, TheCall } from '../route/route.ts'
import { clientAsset, clientPage } from './client.ts'

const common = { verb: 'get', base: 'root', tag: 'Page', access: { who: ['anyone'], scope: null } } as const
/** What the client's pages keep in their address. */
const kept = z.string().max(500).optional()
const query = z.strictObject({ q: kept, day: kept, recipient: kept, ip: kept })
const answers = { 200: { is: 'The web client', type: 'text/html' } }

/** Where the client's own pages are: each is the same document, which reads its address. */
const PAGES = new Set([
  'lists',
  'digest',
  'devices',
  'find',
  'queue',
  'refusals',
  'accounts',
  'domains',
  'policies',
  'system',
])

const showClient = route({ ...common, path: '/', summary: 'The web client', query, answers })
const showClientPage = route({
  ...common,
  path: '/:page',
  summary: 'The web client, at one of its pages',
  params: z.object({ page: z.string().max(100) }),
  query,
  answers,
})
const showMailPage = route({
  ...common,
  path: '/mails/:mail',
  summary: "The web client, at a mail's page",
  params: z.object({ mail: z.string().max(100) }),
  query,
  answers,
})
const serveAsset = route({
  ...common,
  path: '/assets/:name',
  summary: 'A file of the web client',
  params: z.object({ name: z.string().max(200) }),
  answers: { 200: { is: 'The file', type: 'text/javascript' } },
})

@Controller()
export class PageController {
  @Route(showClient)
  show(@TheCall() _call: Call<typeof showClient>): Answer {
    return client()
  }

  @Route(showClientPage)
  showPage(@TheCall() call: Call<typeof showClientPage>): Answer {
    if (!PAGES.has(call.params.page)) throw notFound(`page ${call.params.page}`)
    return client()
  }

  @Route(showMailPage)
  showMail(@TheCall() _call: Call<typeof showMailPage>): Answer {
    return client()
  }

  @Route(serveAsset)
  asset(@TheCall() call: Call<typeof serveAsset>): Answer {
    const asset = clientAsset(call.params.name)
    if (asset === null) throw notFound(`file ${call.params.name}`)
    return {
      status: 200,
      stream: asset.open(),
      headers: {
        'Content-Type': asset.type,
        'Content-Length': String(asset.size),
        'Cache-Control': 'public, max-age=31536000, immutable',
      },
    }
  }
}

const client = (): Answer => {
  const { html, policy } = clientPage()
  return page(html, { 'Content-Security-Policy': policy, 'Cache-Control': 'no-store' })
}
