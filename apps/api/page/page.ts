import { createHash } from 'node:crypto'
import { MARKUP } from './markup.ts'
import { SCRIPT } from './script.ts'
import { STYLE } from './style.ts'

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

/** One style and one script, known by their hashes; requests to this origin only. */
export const PAGE_POLICY = [
  "default-src 'none'",
  `style-src ${hashOf(STYLE)}`,
  `script-src ${hashOf(SCRIPT)}`,
  "connect-src 'self'",
  "img-src 'self' data:",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** Replaced by the web client one day; until then a user can do the one thing they came for. */
export const PAGE = MARKUP.replace('<!--style-->', () => `<style>${STYLE}</style>`).replace(
  '<!--script-->',
  () => `<script type="module">${SCRIPT}</script>`,
)
