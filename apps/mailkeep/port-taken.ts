import { environmentName, type SettingKey } from '#infra/config/settings'

/** A listener could not have its port. The message names the setting that says which. */
export class PortTaken extends Error {
  constructor(setting: SettingKey, port: number, why: string, options?: ErrorOptions) {
    super(`${setting} (${environmentName(setting)}): port ${port} ${why}`, options)
    this.name = 'PortTaken'
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is taken: stop what listens there, or set another port (0: any free one)',
  EACCES: 'may not be used by this user: set one above 1023, and redirect the well-known one to it',
  EADDRNOTAVAIL: 'can not be opened: the address to bind is not one of this machine',
}

/** Starts a listener; what the system says of its port is said in words of the configuration. */
export const onPort = async <Listener>(
  setting: SettingKey,
  port: number,
  listen: () => Promise<Listener>,
): Promise<Listener> => {
  try {
    return await listen()
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    const why = REASONS[code]
    if (why === undefined) throw error
    throw new PortTaken(setting, port, why, { cause: error })
  }
}
