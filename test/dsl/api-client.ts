import type { NestFastifyApplication } from '@nestjs/platform-fastify'

export interface ApiAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly text: string
  readonly json: Readonly<Record<string, unknown>>
  /** Of a list. */
  readonly items: readonly Readonly<Record<string, unknown>>[]
  readonly position: string
}

export type ApiVerb = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD' | 'OPTIONS'

/** Sends requests as one person; paths are below /api/v1 unless they begin with `//`. */
export class ApiClient {
  readonly #app: NestFastifyApplication
  readonly #headers: Readonly<Record<string, string>>

  constructor(app: NestFastifyApplication, headers: Readonly<Record<string, string>>) {
    this.#app = app
    this.#headers = headers
  }

  with(headers: Readonly<Record<string, string>>): ApiClient {
    return new ApiClient(this.#app, { ...this.#headers, ...headers })
  }

  /** The same person at another API over the same parts. */
  on(app: NestFastifyApplication): ApiClient {
    return new ApiClient(app, this.#headers)
  }

  get = (path: string): Promise<ApiAnswer> => this.send('GET', path)
  post = (path: string, body?: unknown): Promise<ApiAnswer> => this.send('POST', path, body)
  put = (path: string, body?: unknown): Promise<ApiAnswer> => this.send('PUT', path, body)
  patch = (path: string, body?: unknown): Promise<ApiAnswer> => this.send('PATCH', path, body)
  delete = (path: string): Promise<ApiAnswer> => this.send('DELETE', path)

  async send(method: ApiVerb, path: string, body?: unknown, remoteAddress = '192.0.2.77'): Promise<ApiAnswer> {
    const url = path.startsWith('//') ? path.slice(1) : `/api/v1${path}`
    const raw = typeof body === 'string'
    const response = await this.#app.inject({
      method,
      url,
      remoteAddress,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...this.#headers },
      ...(body === undefined ? {} : { payload: raw ? body : JSON.stringify(body) }),
    })
    const json =
      /json/.test(String(response.headers['content-type'])) && response.body !== '' ? parsed(response.body) : {}
    return {
      status: response.statusCode,
      headers: response.headers as Readonly<Record<string, string | undefined>>,
      text: response.body,
      json,
      items: Array.isArray(json['items']) ? (json['items'] as Readonly<Record<string, unknown>>[]) : [],
      position: String(response.headers['mailkeep-position'] ?? ''),
    }
  }
}

/** NDJSON is no JSON. */
const parsed = (text: string): Readonly<Record<string, unknown>> => {
  try {
    return JSON.parse(text) as Readonly<Record<string, unknown>>
  } catch (error) {
    if (error instanceof SyntaxError) return {}
    throw error
  }
}
