import { fork } from 'node:child_process'
import { createPublicKey, type KeyObject, randomBytes, verify } from 'node:crypto'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createEngine } from '../../shared/engine.ts'
import { beginSignIn, completeSignIn, type Departure } from '../../shared/signIn/signIn.ts'

/**
 * `npm run bench`: CPU time of this process for one steady sign-in (two network phases, no write), against a bare
 * implementation of the same calls with the standard library, measured in turns in one run. Peers run in a process of
 * their own. What counts is the ratio; the milliseconds belong to this machine.
 */
const warmUps = 3
/** More of them, given as the argument, show whether the memory stays flat. */
const rounds = Number(process.argv[2] ?? 9)
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

/** Completes one sign-in; the code is the nonce, because the peers sign what they are told. */
async function complete({ location, state, sealed }: Departure): Promise<void> {
  const code = new URL(location).searchParams.get('nonce') ?? ''
  const over = new AbortController()
  const scope = { correlationId: 'bench', signal: over.signal }
  await completeSignIn(engine, { state, outcome: { code } }, sealed, scope, silent)
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

const costs: Record<'begin' | 'complete' | 'bare', Cost[]> = { begin: [], complete: [], bare: [] }

async function round(): Promise<void> {
  const departures: Departure[] = []
  costs.begin.push(
    await measure(async () => {
      departures.push(await beginSignIn(engine))
    }),
  )
  costs.complete.push(
    await measure(async () => {
      const departure = departures.pop()
      if (departure !== undefined) await complete(departure)
    }),
  )
  costs.bare.push(await measure(bare))
}

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** What is in use after a collection; the states of used attempts are in it, which are kept for some minutes. */
function heap(): number {
  collect()
  return process.memoryUsage().heapUsed
}

// The compiler settles and the caches fill before anything counts.
for (let each = 0; each < warmUps; each += 1) await round()
for (const each of Object.values(costs)) each.length = 0
const heapBefore = heap()
for (let each = 0; each < rounds; each += 1) await round()
const kept = (heap() - heapBefore) / 1024 / (rounds * perRound)

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
const cpu = (each: Cost[]): number => median(each.map((cost) => cost.cpu))
const wall = (each: Cost[]): number => median(each.map((cost) => cost.wall))
const show = (name: string, milliseconds: number, perSecond: number): void => {
  const ratio = (milliseconds / cpu(costs.bare)).toFixed(2)
  console.log(
    `${name.padEnd(11)} ${milliseconds.toFixed(2)} ms CPU, ${ratio} of the bare calls, ${perSecond.toFixed(0)} a second`,
  )
}
const { begin, complete: end, bare: least } = costs
show('begin', cpu(begin), 1000 / wall(begin))
show('complete', cpu(end), 1000 / wall(end))
show('sign-in', cpu(begin) + cpu(end), 1000 / (wall(begin) + wall(end)))
show('bare calls', cpu(least), 1000 / wall(least))
console.log(`heap after collection: ${kept.toFixed(2)} KiB more for each of ${rounds * perRound} sign-ins`)
peers.disconnect()
agent.destroy()
process.exit(0)
