import { fork } from 'node:child_process'
import { createPublicKey, type KeyObject, randomBytes, verify } from 'node:crypto'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { createEngine, type Engine } from '../../shared/engine.ts'
import { openAttempt } from '../../shared/signIn/attempt.ts'
import { beginSignIn, completeSignIn } from '../../shared/signIn/signIn.ts'

/**
 * `npm run bench`: CPU time of this process for one steady sign-in (two network phases, no write), against a bare
 * implementation of the same calls with the standard library, measured in turns in one run. Peers run in a process of
 * their own. What counts is the ratio; the milliseconds belong to this machine.
 */
const rounds = 7
const perRound = 300
const abreast = 16

const peers = fork(new URL('./peers.ts', import.meta.url), { stdio: 'inherit' })
const [{ port, tenant }] = (await once(peers, 'message')) as [{ port: number; tenant: string }]
const origin = `http://localhost:${port}`

const engine = createEngine({
  ENTRA_TENANT_ID: tenant,
  ENTRA_CLIENT_ID: '99999999-2222-3333-4444-555555555555',
  ENTRA_REDIRECT_URI: 'http://localhost:7071/mmws/auth_cb/microsoft',
  ENTRA_CLOUD: 'custom',
  ENTRA_AUTHORITY_HOST: origin,
  GRAPH_ENDPOINT: origin,
  MICETRO_API_URLS: `${origin}/mmws/api`,
  MICETRO_API_USER: 'bench',
  MICETRO_WEB_URL: origin,
  ENTRA_CLIENT_CREDENTIAL: 'secret',
  MICETRO_API_PASSWORD: 'password',
  SIGN_IN_KEY: randomBytes(32).toString('base64'),
})
const silent = { debug() {}, info() {}, warn() {}, error() {} }

/** Begins and completes one sign-in; the code is the nonce, because the peers sign what they are told. */
async function signIn({ sealingKeys }: Engine): Promise<void> {
  const departure = await beginSignIn(engine)
  const attempt = await openAttempt(departure.sealed, await sealingKeys.get())
  if (attempt === undefined) throw new Error('the attempt does not open')
  const over = new AbortController()
  const callback = { state: departure.state, outcome: { code: attempt.nonce } }
  await completeSignIn(engine, callback, departure.sealed, { correlationId: 'bench', signal: over.signal }, silent)
  over.abort()
}

const agent = new Agent({ keepAlive: true, maxSockets: 64 })
const call = (method: string, path: string, body?: string): Promise<Record<string, unknown>> =>
  new Promise((resolve, reject) => {
    const sent = request(`${origin}${path}`, { method, agent, headers: { authorization: 'Bearer x' } }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>))
    })
    sent.on('error', reject)
    sent.end(body)
  })

let key: KeyObject | undefined

/** The same calls and the one signature check, with nothing around them. */
async function bare(): Promise<void> {
  if (key === undefined) {
    const { keys } = (await call('GET', '/keys')) as { keys: [{ kty: 'RSA'; n: string; e: string }] }
    key = createPublicKey({ key: keys[0], format: 'jwk' })
  }
  const { id_token } = (await call('POST', '/token', 'code=n&client_id=c&client_secret=s')) as { id_token: string }
  const [head = '', claims = '', signature = ''] = id_token.split('.')
  if (!verify('sha256', Buffer.from(`${head}.${claims}`), key, Buffer.from(signature, 'base64url')))
    throw new Error('signature')
  JSON.parse(Buffer.from(claims, 'base64url').toString())
  await Promise.all([
    call('GET', '/v1.0/me'),
    call('GET', '/v1.0/me/transitiveMemberOf/microsoft.graph.group'),
    call('GET', '/mmws/api/Users'),
  ])
}

interface Cost {
  cpu: number
  wall: number
}

async function measure(run: () => Promise<void>): Promise<Cost> {
  const cpu = process.cpuUsage()
  const begun = performance.now()
  let left = perRound
  await Promise.all(
    Array.from({ length: abreast }, async () => {
      while (left-- > 0) await run()
    }),
  )
  const { user, system } = process.cpuUsage(cpu)
  return { cpu: (user + system) / 1000 / perRound, wall: (performance.now() - begun) / perRound }
}

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
const ours: Cost[] = []
const theirs: Cost[] = []
await measure(() => signIn(engine))
await measure(bare)
const heapBefore = process.memoryUsage().heapUsed
for (let round = 0; round < rounds; round += 1) {
  ours.push(await measure(() => signIn(engine)))
  theirs.push(await measure(bare))
}
const cpu = (costs: Cost[]): number => median(costs.map((cost) => cost.cpu))
const wall = (costs: Cost[]): number => median(costs.map((cost) => cost.wall))
console.log(`sign-in: ${cpu(ours).toFixed(2)} ms CPU, ${(1000 / wall(ours)).toFixed(0)} a second`)
console.log(`bare calls: ${cpu(theirs).toFixed(2)} ms CPU, ${(1000 / wall(theirs)).toFixed(0)} a second`)
console.log(`ratio of CPU: ${(cpu(ours) / cpu(theirs)).toFixed(2)}`)
console.log(
  `heap grew by ${((process.memoryUsage().heapUsed - heapBefore) / 1024 / 1024).toFixed(1)} MiB in ${rounds * perRound} sign-ins`,
)
peers.disconnect()
agent.destroy()
process.exit(0)
