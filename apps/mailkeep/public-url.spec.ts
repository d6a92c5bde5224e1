import { expect, it } from 'vitest'
import type { Config } from '#infra/config/load'
import { publicUrl } from './public-url.ts'

const config = (http: { bind: string; port: number | 'off'; publicUrl: string | null }) => ({ http }) as Config

it('is what is set, else where the HTTP listener is', () => {
  expect(publicUrl(config({ bind: '127.0.0.1', port: 8080, publicUrl: 'https://mail.example.org' }))).toBe(
    'https://mail.example.org',
  )
  expect(publicUrl(config({ bind: '127.0.0.1', port: 8080, publicUrl: null }))).toBe('http://127.0.0.1:8080')
  expect(publicUrl(config({ bind: '::1', port: 0, publicUrl: null }), 4321)).toBe('http://[::1]:4321')
})
