import type { Config } from '#infra/config/load'

/** Base of the links that people get: `http.publicUrl`, else where the HTTP listener is. */
export const publicUrl = (config: Config, port: number | 'off' = config.http.port): string =>
  config.http.publicUrl ??
  `http://${config.http.bind.includes(':') ? `[${config.http.bind}]` : config.http.bind}:${port === 'off' ? 8080 : port}`
