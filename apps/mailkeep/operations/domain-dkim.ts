import { z } from 'zod'
import { shownDkimKeys } from '#apps/api/resources/dkim-keys-shown'
import { domainName } from '#apps/api/resources/shapes'
import type { DkimCommand } from '#domain/hosted-domain/dkim'
import { ensureDkimKeys, rotateDkimKeys } from '#infra/commands/dkim-keys'
import type { Foundation } from '../foundation.ts'
import { accepted, askedBy, operation, OperationRefused, type Circumstances } from './operation.ts'

const selector = z.string().min(1).max(63)
/** What to do with the keys, if anything. `start` without selectors: all that wait. */
const act = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('rotate') }),
  z.strictObject({ kind: z.literal('start'), selectors: z.array(selector).max(16) }),
  z.strictObject({ kind: z.literal('retire'), selector, force: z.boolean() }),
])

export const domainDkimOperations = {
  'domain-dkim': operation(
    z.strictObject({ name: domainName, act: act.nullable() }),
    async (foundation, given, circumstances) => {
      const { dkimKeys, freshDns, hostedDomains } = foundation
      const { name } = given
      await hostedDomains.fresh()
      if (hostedDomains.current(name) === null)
        throw new OperationRefused(`${name} is not hosted here.`, { instead: 'mailkeep domain list' })
      const { actor, now, correlationId } = askedBy(foundation, circumstances, 'dkim')
      // One that was hosted before there were keys gets its first ones now.
      const first = accepted(await ensureDkimKeys(foundation, name, { actor, now, correlationId }))
      if (given.act !== null && !(given.act.kind === 'rotate' && first !== null))
        await carryOut(foundation, name, given.act, circumstances)
      await dkimKeys.fresh()
      return shownDkimKeys(name, dkimKeys.of(name), freshDns())
    },
  ),
}

const carryOut = async (
  foundation: Foundation,
  name: string,
  wanted: z.output<typeof act>,
  circumstances: Circumstances,
): Promise<void> => {
  const { clock, commands, dkimKeys } = foundation
  const asked = askedBy(foundation, circumstances, wanted.kind)
  if (wanted.kind === 'rotate') {
    accepted(await rotateDkimKeys(foundation, name, asked))
    return
  }
  // Its first keys may have been made a moment ago.
  await dkimKeys.fresh()
  const waiting = dkimKeys.of(name).filter(({ state }) => state === 'waiting')
  const command: DkimCommand =
    wanted.kind === 'retire'
      ? { kind: 'retire-dkim-key', selector: wanted.selector, force: wanted.force, now: clock() }
      : {
          kind: 'start-dkim-signing',
          selectors: wanted.selectors.length > 0 ? wanted.selectors : waiting.map((key) => key.selector),
          because: 'administrator',
          now: clock(),
        }
  accepted(await commands.hostedDomain(name, command, asked))
}
