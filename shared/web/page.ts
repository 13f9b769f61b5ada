import { createHash } from 'node:crypto'
import type { HttpResponseInit } from '@azure/functions'
import { Html, html } from './html.ts'
import { style as commonStyle } from './style.ts'

/** Sent with every answer: nothing is cached, framed, sniffed, or told to another site. */
export const securityHeaders = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const

/** A door with a key hole; in the page itself, so that no page causes a second request. */
const icon = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="4" fill="#0b5cad"/><circle cx="8" cy="6.2" r="2.2" fill="#fff"/><path d="M7 7.5h2l.8 5H6.2z" fill="#fff"/></svg>',
)}`

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

export interface Page {
  title: string
  body: Html
  status?: number
  /** Rules of this page alone; they come after those of all pages. */
  style?: string
  /** Source of the one script, if the page has one; it is allowed by its hash. */
  script?: string
  /** More directives of the content security policy, such as connect-src. */
  policy?: string
  /** Where a form may lead, redirects of its answer included. Default: nowhere. */
  formAction?: string
}

/** An answer with a page: no outside assets, only this style and script may run. */
export function renderPage({
  title,
  body,
  status = 200,
  style = '',
  script,
  policy,
  formAction = "'none'",
}: Page): HttpResponseInit {
  const rules = commonStyle + style
  const directives = [
    "default-src 'none'",
    `style-src ${hashOf(rules)}`,
    'img-src data:',
    ...(script === undefined ? [] : [`script-src ${hashOf(script)}`]),
    `form-action ${formAction}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
    ...(policy === undefined ? [] : [policy]),
  ]
  const document = html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="${icon}">
<style>${new Html(rules)}</style>
</head>
<body>
${body}
${script === undefined ? undefined : new Html(`<script>${script}</script>`)}
</body>
</html>
`
  return {
    status,
    headers: {
      ...securityHeaders,
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': directives.join('; '),
    },
    body: document.markup,
  }
}

/** An answer with JSON. */
export function renderJson(status: number, body: object): HttpResponseInit {
  return {
    status,
    headers: { ...securityHeaders, 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify(body),
  }
}
