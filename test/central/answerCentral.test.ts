import { describe, expect, it } from 'vitest'
import { answerCentral } from '../../shared/central/answerCentral.ts'
import { longestDocument, readCentralDocument } from '../../shared/central/centralDocument.ts'
import { createEngine } from '../../shared/engine.ts'
import type { Failure } from '../../shared/failure.ts'
import { failureIn } from '../failing.ts'

const settings = {
  ENTRA_TENANT_ID: '11111111-1111-4111-8111-111111111111',
  ENTRA_CLIENT_ID: '33333333-3333-4333-8333-333333333333',
  ENTRA_REDIRECT_URI: 'https://signin.test/mmws/auth_cb/microsoft',
  ENTRA_CLIENT_CREDENTIAL: 'the-client-secret',
  CENTRAL_CALLBACK_URL: 'https://central.test/mmws/auth_cb/microsoft',
}
const document = {
  endpoint: 'microsoft',
  arguments: 'code=the-code&state=s',
  config: {
    tenant_id: settings.ENTRA_TENANT_ID,
    client_id: settings.ENTRA_CLIENT_ID,
    redirect_uri: settings.CENTRAL_CALLBACK_URL,
    client_credential: 'hush-of-central',
  },
  state: { code_verifier: 'the-verifier', nonce: 'the-nonce' },
}
const silent = { debug() {}, info() {}, warn() {}, error() {} }
const scope = { correlationId: 'c', signal: new AbortController().signal }

describe('A code that Central hands over is redeemed for nobody else', () => {
  const notOurs = (key: string): Failure => ({
    code: 'bad_request',
    problem: `${key} is not the one configured here`,
  })
  const elsewhere = '99999999-9999-4999-8999-999999999999'
  const rows: [what: string, changes: object, failure: Failure][] = [
    ['another application', { config: { ...document.config, client_id: elsewhere } }, notOurs('config.client_id')],
    ['another tenant', { config: { ...document.config, tenant_id: elsewhere } }, notOurs('config.tenant_id')],
    [
      'another redirect URI',
      { config: { ...document.config, redirect_uri: `${settings.CENTRAL_CALLBACK_URL}/more` } },
      notOurs('config.redirect_uri'),
    ],
    [
      'another issuer',
      { arguments: `${document.arguments}&iss=https%3A%2F%2Fevil.test` },
      { code: 'bad_request', problem: 'iss in the arguments names another issuer' },
    ],
  ]
  it.each(rows)('%s', async (_what, changes, failure) => {
    const sent = readCentralDocument(JSON.stringify({ ...document, ...changes }))
    // A call would be a TypeError, and not this failure.
    const engine = { ...createEngine(settings), send: () => Promise.reject(new TypeError('called')) }
    expect(await failureIn(() => answerCentral(engine, sent, scope, silent))).toEqual(failure)
  })
})

describe('Central’s document', () => {
  it('has its credential left unread', () => {
    expect(JSON.stringify(readCentralDocument(JSON.stringify(document)))).not.toContain('hush-of-central')
  })

  it('is a quarter of a megabyte at the most', () => expect(longestDocument).toBe(256 * 1024))
})
