import { Controller } from '@nestjs/common'
import { type Answer, page } from '../route/answer.ts'
import { type Call, Route, route, TheCall } from '../route/route.ts'
import { PAGE, PAGE_POLICY } from './page.ts'

const showPage = route({
  verb: 'get',
  path: '/',
  base: 'root',
  tag: 'Page',
  summary: 'Sign in, see what is held for me, release it',
  access: { who: ['anyone'], scope: null },
  answers: { 200: { is: 'A page', type: 'text/html' } },
})

@Controller()
export class PageController {
  @Route(showPage)
  show(@TheCall() _call: Call<typeof showPage>): Answer {
    return page(PAGE, { 'Content-Security-Policy': PAGE_POLICY, 'Cache-Control': 'no-cache' })
  }
}
