import { Controller, Inject } from '@nestjs/common'
import { z } from 'zod'
import { checkDomain, domainCheck } from '../domain-check/check.ts'
import { API_PARTS, type ApiParts } from '../parts.ts'
import { type Answer, ok } from '../route/answer.ts'
import { notFound } from '../route/problem.ts'
import { Route, route, type SignedCall, TheCall } from '../route/route.ts'
import { domainName } from './shapes.ts'

const showCheck = route({
  verb: 'get',
  path: '/domains/:domain/check',
  tag: 'Domains',
  summary: 'What the DNS says of a domain, compared with what it should say',
  description:
    'MX, the addresses that mail is sent from and their names, SPF, DKIM, DMARC, MTA-STS and TLS reports. Asks the DNS now, which may take some seconds. What the DNS gives no answer to is `unknown`, never `missing`.',
  access: { who: ['admin', 'domain-admin'], scope: 'domains:read' },
  about: ({ domain }: { domain: string }) => ({ domain }),
  params: z.object({ domain: domainName }),
  answers: { 200: { is: 'What was found, and what to publish', schema: domainCheck } },
})

@Controller()
export class DomainCheckController {
  readonly #parts: ApiParts

  constructor(@Inject(API_PARTS) parts: ApiParts) {
    this.#parts = parts
  }

  @Route(showCheck)
  async show(@TheCall() call: SignedCall<typeof showCheck>): Promise<Answer> {
    const { domain } = call.params
    const { dkimKeys, freshDns, hostedDomains, hostname, now } = this.#parts
    await Promise.all([hostedDomains.fresh(), dkimKeys.fresh()])
    const settings = hostedDomains.current(domain)
    if (settings === null) throw notFound(`hosted domain ${domain}`)
    return ok(await checkDomain({ domain, settings, keys: dkimKeys.of(domain), dns: freshDns(), hostname, now: now() }))
  }
}
