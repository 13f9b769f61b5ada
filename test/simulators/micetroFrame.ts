import type { ServerResponse } from 'node:http'
import { escaped, hashOf, sendHtml } from './html.ts'
import { micetroStyle } from './micetroStyle.ts'

const policy = [
  "default-src 'none'",
  `style-src ${hashOf(micetroStyle)}`,
  "base-uri 'none'",
  // For the log-out button. Browsers apply it to redirects as well, so the way to Entra ID is a link, not a form.
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

/** Answers with a page of the simulated Micetro, in its frame. @param body markup, its values escaped */
export function sendPage(response: ServerResponse, status: number, title: string, body: string): void {
  const html = `<!doctype html>
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
`
  sendHtml(response, status, html, { policy, referrer: 'no-referrer' })
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
