import { createHash } from 'node:crypto'
import { isFalseName } from '#domain/message/false-name'
import { escaped, shownText } from '#domain/message/shown-text'
import { STYLE } from './style.ts'

/** What the page shows of a held mail. */
export interface ShownMail {
  readonly name: string | null
  readonly address: string
  readonly subject: string | null
  readonly time: string
  readonly why: string
}

export interface LinkPage {
  /** The page's one question, or its answer. */
  readonly heading: string
  /** Sentences under it. */
  readonly sentences?: readonly string[]
  readonly mail?: ShownMail | null
  /** A form that posts to the page's own address; absent: there is nothing to press. */
  readonly button?: { readonly words: string; readonly press: string }
  readonly link?: { readonly words: string; readonly href: string }
}

/** No script at all, one style known by its hash, a form to this origin only. */
export const LINK_PAGE_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  'img-src data:',
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** The page behind a link of a digest: what will happen, a button that does it, and then what happened. Nothing on it acts by itself. */
export const linkPage = ({ heading, sentences = [], mail, button, link }: LinkPage): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${escaped(heading)}</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
<header class="bar"><span class="name">Mailkeep</span></header>
<main>
<h1>${escaped(heading)}</h1>
${mail === undefined || mail === null ? '' : mailPart(mail)}
${sentences.map((sentence) => `<p>${escaped(sentence)}</p>`).join('\n')}
${button === undefined ? '' : `<form method="post"><input type="hidden" name="press" value="${escaped(button.press)}"><button type="submit">${escaped(button.words)}</button></form>`}
${link === undefined ? '' : `<p><a href="${escaped(link.href)}">${escaped(link.words)}</a></p>`}
</main>
</body>
</html>`

const mailPart = ({ name, address, subject, time, why }: ShownMail): string => {
  const shown = shownText(name ?? '', 80)
  const isFalse = isFalseName(shown, address)
  return `<div class="mail">
${shown === '' ? '' : `<p class="name-shown">${isFalse ? `<s>${escaped(shown)}</s> This name is not the address it came from.` : escaped(shown)}</p>`}
<p class="quiet-text">${escaped(shownText(address, 254))}</p>
<p class="name-shown">${escaped(shownText(subject ?? '') || '(no subject)')}</p>
<p class="quiet-text">${escaped(time)} · ${escaped(why)}</p>
</div>`
}
