import { useQuery, useQueryClient } from '@tanstack/react-query'
import { answered, api, useCsrfToken } from './client'

export type Role = 'user' | 'domain-admin' | 'admin' | 'compliance'

export interface Session {
  readonly address: string
  readonly roles: readonly Role[]
}

const SESSION = ['session']

/** Who is signed in; null: nobody; undefined: not known yet. */
export const useSession = (): Session | null | undefined => {
  const { data } = useQuery({
    queryKey: SESSION,
    queryFn: async (): Promise<Session | null> => {
      const { address, csrfToken, roles, signedIn } = await answered(api.GET('/api/v1/session'))
      useCsrfToken(csrfToken)
      return signedIn && csrfToken !== null && address !== null ? { address, roles } : null
    },
    staleTime: Number.POSITIVE_INFINITY,
    retry: 2,
  })
  return data
}

export const useSignIn = () => {
  const queries = useQueryClient()
  return async (address: string, password: string): Promise<void> => {
    await answered(api.POST('/api/v1/session', { body: { address, password } }))
    await queries.resetQueries({ queryKey: SESSION })
  }
}

export const useSignOut = () => {
  const queries = useQueryClient()
  return async (): Promise<void> => {
    await answered(api.DELETE('/api/v1/session'))
    useCsrfToken(null)
    queries.clear()
  }
}
