import type { ScannerIdentity } from './port.ts'

/** How several engines together are named in an event: `clamd+yara-x`, `1.4.6+1.20.0`, `27001+<digest>`. */
export function mergeIdentities(identities: readonly ScannerIdentity[]): ScannerIdentity {
  const joined = (pick: (one: ScannerIdentity) => string): string => identities.map(pick).join('+')
  return {
    name: joined((one) => one.name),
    version: joined((one) => one.version),
    database: joined((one) => one.database),
  }
}
