import type { Mailkeep } from '#apps/mailkeep/mailkeep'
import { publicUrl } from '#apps/mailkeep/public-url'
import type { Config } from '#infra/config/load'

/** What the first start prints once: who was made, where to look, how to send a first mail. */
export const welcome = (mailkeep: Mailkeep, config: Config): string[] => {
  const { firstStart, listeners } = mailkeep
  const http = listeners.find(({ name }) => name === 'http')
  const mx = listeners.find(({ name }) => name === 'mx')
  const lines: string[] = []
  if (firstStart !== null) {
    lines.push(
      '',
      firstStart.demo
        ? `This is a demo for the domain ${firstStart.domain}. Passwords are shown once:`
        : `The domain ${firstStart.domain} is set up. The password is shown once:`,
      '',
    )
    for (const { address, role, password, given } of firstStart.credentials)
      lines.push(`  ${address.padEnd(26)} ${role.padEnd(20)} ${given ? '(the password you set)' : password}`)
    lines.push('')
  }
  if (http !== undefined) lines.push(`Look at it:         ${publicUrl(config, http.port)}`)
  if (mx !== undefined && mailkeep.demo)
    lines.push(
      `Send a first mail:  npm run mailkeep -- send ann@mailkeep.test`,
      `                    (or with any SMTP client to ${mx.address}, port ${mx.port}; it arrives in ${config.data}/mailboxes/mailkeep.test/ann/new)`,
    )
  const submission = listeners.filter(({ name }) => name === 'submission' || name === 'submissions')
  if (submission.length > 0) {
    const ports = submission.map(({ name, port }) => `${port} (${name === 'submission' ? 'STARTTLS' : 'TLS'})`)
    lines.push(`Mail clients send:  ${submission[0]?.address}, port ${ports.join(' or ')}, name: the whole address`)
    if (mailkeep.demo)
      lines.push(`Send as a user:     npm run mailkeep -- send ben@mailkeep.test --as ann@mailkeep.test`)
  }
  if (lines.length > 0) lines.push('')
  return lines
}
