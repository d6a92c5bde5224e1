import { randomBytes } from 'node:crypto'
import { createReadStream, existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** The built web client: `dist/web`, from the sources as well as from `dist`. */
const FOLDER = [join(import.meta.dirname, '../../../web'), join(import.meta.dirname, '../../../dist/web')].find(
  (folder) => existsSync(join(folder, 'index.html')),
)

const TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  woff2: 'font/woff2',
}

interface Asset {
  readonly path: string
  readonly type: string
  readonly size: number
}

/** What there is at the start: nothing else is ever served, whatever a path says. */
const assets: ReadonlyMap<string, Asset> = new Map(
  FOLDER === undefined
    ? []
    : readdirSync(join(FOLDER, 'assets')).flatMap((name): [string, Asset][] => {
        const type = TYPES[name.slice(name.lastIndexOf('.') + 1)]
        const path = join(FOLDER, 'assets', name)
        return type === undefined ? [] : [[name, { path, type, size: statSync(path).size }]]
      }),
)

const index = FOLDER === undefined ? null : readFileSync(join(FOLDER, 'index.html'), 'utf8')

const NOT_BUILT = '<!doctype html><title>Mailkeep</title><p>The web client is not built: npm run build</p>'

/** The client's one document, with a nonce for the styles it adds, and the policy that says so. */
export const clientPage = (): { readonly html: string; readonly policy: string } => {
  const nonce = randomBytes(16).toString('base64')
  return {
    html: index?.replace('__NONCE__', nonce) ?? NOT_BUILT,
    policy: [
      "default-src 'none'",
      "script-src 'self'",
      `style-src 'self' 'nonce-${nonce}'`,
      "connect-src 'self'",
      "img-src 'self' data:",
      "form-action 'self'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
  }
}

/** A file of the client; its name changes with what is in it. */
export const clientAsset = (name: string) => {
  const asset = assets.get(name)
  return asset === undefined ? null : { ...asset, open: () => createReadStream(asset.path) }
}
