const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', nbsp: ' ', apos: "'" }
/** Elements that set their text apart: without them words of two cells would run together. */
const BREAKS = /^\/?(?:p|br|div|td|tr|th|table|li|ul|ol|h\d|hr|blockquote)$/

const named = (entity: string, name: string): string => ENTITIES[name] ?? entity

const unescape = (text: string): string =>
  text
    .replaceAll(/&#(\d{1,6});/g, (_, code: string) => String.fromCodePoint(Math.min(Number(code), 0xffff)))
    .replaceAll(/&(\w{2,6});/g, named)

/**
 * The words a reader sees of HTML source: no tags, comments, styles or scripts. One pass, by hand: expressions that look for the
 * end of a tag take time that grows with the square of how many begin and never end.
 */
export const visibleText = (html: string): string => {
  const lower = html.toLowerCase()
  const pieces: string[] = []
  let at = 0
  for (;;) {
    const open = html.indexOf('<', at)
    if (open === -1) break
    pieces.push(html.slice(at, open))
    const tag = /^<(!--|[/!?]?[a-z][a-z\d]{0,30})/.exec(lower.slice(open, open + 34))?.[1]
    if (tag === undefined) {
      pieces.push('<')
      at = open + 1
      continue
    }
    const end = tag === '!--' ? html.indexOf('-->', open + 4) : html.indexOf('>', open)
    if (end === -1) return unescape(pieces.join('')).replaceAll(/\s+/g, ' ').trim()
    at = end + (tag === '!--' ? 3 : 1)
    if (BREAKS.test(tag)) pieces.push(' ')
    if (tag === 'style' || tag === 'script') {
      const close = lower.indexOf(`</${tag}`, at)
      at = close === -1 ? html.length : close
    }
  }
  return unescape(pieces.join('') + html.slice(at))
    .replaceAll(/\s+/g, ' ')
    .trim()
}
