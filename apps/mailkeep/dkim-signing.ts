import { dkimKeyOf } from '#domain/hosted-domain/dkim'
import { createDkimSigner, type DkimSigner } from '#infra/mail-auth/dkim-signer'
import type { Foundation } from './foundation.ts'

/** Signs with the keys that sign as of now: what a command has answered holds for the very next mail. */
export const openDkimSigner = ({
  clock,
  dkimKeys,
  secrets,
}: Pick<Foundation, 'clock' | 'dkimKeys' | 'secrets'>): DkimSigner =>
  createDkimSigner({
    clock,
    keysOf: async (domain) => {
      await dkimKeys.fresh()
      return dkimKeys.of(domain).flatMap(({ state, selector, algorithm, privateKey }) =>
        state === 'signing' && privateKey !== null
          ? [
              {
                selector,
                algorithm,
                id: privateKey,
                open: () => secrets.open(privateKey, dkimKeyOf(domain, selector)),
              },
            ]
          : [],
      )
    },
  })
