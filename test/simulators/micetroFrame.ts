import { createHash } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { micetroStyle } from './micetroStyle.ts'

const styleHash = createHash('sha256').update(micetroStyle).digest('base64')

const policy = [
  "default-src 'none'",
  `style-src 'sha256-${styleHash}'`,
  "base-uri 'none'",
  // For the log-out button. Browsers apply it to redirects as well, so the way to Entra ID is a link, not a form.
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

/** Answers with a page of the simulated Micetro, in its frame. @param body markup, its values escaped */
export function sendPage(response: ServerResponse, status: number, title: string, body: string): void {
  response
    .writeHead(status, {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': policy,
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    })
    .end(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(title)} – Simulated Micetro</title>
<style>${micetroStyle}</style>
</head>
<body>
<header><div><span class="product" data-testid="product">Simulated Micetro</span> <span class="note">for trying out, no real server</span></div></header>
<main>${body}</main>
</body>
</html>
`)
}

/** Sends the browser elsewhere, by GET whatever it came with. @param cookie a Set-Cookie line */
export function sendOn(response: ServerResponse, location: string, cookie?: string): void {
  response
    .writeHead(303, {
      location,
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      ...(cookie !== undefined && { 'set-cookie': cookie }),
    })
    .end()
}

export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
