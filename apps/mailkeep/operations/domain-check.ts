import { z } from 'zod'
import { checkDomain } from '#apps/api/domain-check/check'
import { domainName } from '#apps/api/resources/shapes'
import { operation, OperationRefused } from './operation.ts'

export const domainCheckOperations = {
  'domain-check': operation(z.strictObject({ name: domainName }), async (foundation, { name }, { progress }) => {
    const { clock, config, dkimKeys, freshDns, hostedDomains } = foundation
    await Promise.all([hostedDomains.fresh(), dkimKeys.fresh()])
    const settings = hostedDomains.current(name)
    if (settings === null)
      throw new OperationRefused(`${name} is not hosted here.`, { instead: 'mailkeep domain list' })
    progress({ what: `asking the DNS about ${name}`, done: 0, total: null })
    return checkDomain({
      domain: name,
      settings,
      keys: dkimKeys.of(name),
      dns: freshDns(),
      hostname: config.hostname,
      now: clock(),
    })
  }),
}
