/** The REST API over a real socket, as one signed-in person. */
export interface HttpClient {
  ask(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<{ status: number; body: Record<string, unknown>; text: string }>
}

export const signIn = async (port: number, address: string, password: string): Promise<HttpClient> => {
  const base = `http://127.0.0.1:${port}/api/v1`
  const send = async (method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}) => {
    const response = await fetch(`${base}${path}`, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    const isJson = /^application\/(problem\+)?json/.test(response.headers.get('content-type') ?? '')
    return { status: response.status, body: (isJson ? JSON.parse(text) : {}) as Record<string, unknown>, text }
  }
  const session = await send('POST', '/session', { address, password })
  if (session.status >= 300) throw new Error(`sign-in of ${address}: ${session.status} ${JSON.stringify(session.body)}`)
  const authorization = `Bearer ${String(session.body['token'])}`
  return { ask: (method, path, body, headers = {}) => send(method, path, body, { ...headers, authorization }) }
}
