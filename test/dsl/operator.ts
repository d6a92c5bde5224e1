import { mailkeep, type CommandOutcome } from './command-line.ts'
import { engineOfRun } from './mailkeep.ts'

/** Settings of a command line beside the demo over this data. */
export const operatorSettings = (data: string): Record<string, string> => ({
  MAILKEEP_DATA: data,
  MAILKEEP_HOSTNAME: 'mx.mailkeep.test',
  MAILKEEP_MX_PORT: '0',
  MAILKEEP_SUBMISSION_PORT: '0',
  MAILKEEP_SUBMISSIONS_PORT: '0',
  MAILKEEP_HTTP_PORT: '0',
  MAILKEEP_DNS_SERVERS: '127.0.0.1:1',
})

export type Operator = (line: string, stdin?: string) => Promise<CommandOutcome>

/** `mailkeep <line>` as the operator of the demo over this data types it. */
export const operatorOf =
  (data: string): Operator =>
  async (line, stdin) =>
    mailkeep(line.split(' '), {
      env: { ...operatorSettings(data), ...(await engineOfRun(data)) },
      cwd: data,
      ...(stdin === undefined ? {} : { stdin }),
    })
