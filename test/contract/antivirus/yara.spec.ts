import { openVirusScanner } from '#infra/antivirus/open'
import { antivirusContract } from './contract.ts'

antivirusContract('YARA-X', async (readContent) => {
  const scanner = await openVirusScanner({ engines: ['yara'], readContent })
  return { scanner, close: () => scanner.close() }
})
