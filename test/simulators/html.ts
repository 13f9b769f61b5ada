import { createHash } from 'node:crypto'
import type { ServerResponse } from 'node:http'

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** The text as content or as an attribute's value. */
export const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => escapes[sign] ?? sign)

/** A source of a Content-Security-Policy that names one inline style or script. */
export const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

/** Answers with a page of a simulator. @param policy Content-Security-Policy */
export function sendHtml(
  response: ServerResponse,
  status: number,
  html: string,
  { policy, referrer }: { policy: string; referrer: string },
): void {
  response
    .writeHead(status, {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': policy,
      'referrer-policy': referrer,
      'x-content-type-options': 'nosniff',
    })
    .end(html)
}
