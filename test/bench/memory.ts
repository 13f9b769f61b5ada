import { existsSync, readFileSync } from 'node:fs'
import { Agent, type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http'
import { freePort, startHost } from '../host/hostProcess.ts'
import { measure } from './measure.ts'
import { type Peers, startPeers, usualPeers } from './peerProcess.ts'
import { ms, table, times, within } from './table.ts'
import { codeOf } from './way.ts'

const agent = new Agent({ keepAlive: true, maxSockets: 64 })

/** @returns the headers of the answer */
function ask(
  method: string,
  url: string,
  headers: OutgoingHttpHeaders = {},
  body?: string,
): Promise<IncomingHttpHeaders> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, agent }, (response) => {
      response.resume().on('end', () => resolve({ ...response.headers, status: `${response.statusCode}` }))
    })
    sent.on('error', reject).end(body)
  })
}

/** A whole sign-in over HTTP, with as little of a browser as there can be. */
async function signIn(url: string): Promise<void> {
  const { location = '', 'set-cookie': cookies = [] } = await ask('GET', `${url}/login`)
  const code = codeOf({ location, state: '', sealed: '' })
  const form = new URLSearchParams({ code, state: new URL(location).searchParams.get('state') ?? '' })
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    cookie: cookies.map((cookie) => cookie.split(';')[0]).join('; '),
  }
  const { status } = await ask('POST', `${url}/mmws/auth_cb/microsoft`, headers, form.toString())
  if (status !== '303') throw new Error(`the callback answered ${status}`)
}

/** Bytes that are resident, and milliseconds of CPU so far, as Linux counts them. */
function usage(pid: number): { resident: number; cpu: number } {
  const resident = Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024
  // utime and stime come 14th and 15th (proc(5)), in hundredths of a second; the name before them may hold blanks.
  const [utime, stime] = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
    .slice(11, 13)
  return { resident, cpu: (Number(utime) + Number(stime)) * 10 }
}

export interface MemoryUse {
  /** Bytes, after each of the numbers of sign-ins. */
  resident: number[]
  /** Milliseconds for a sign-in, between the first of the numbers and the second. */
  cpu: number
}

/** @param after numbers of sign-ins, ascending @param heap limit in megabytes, or none */
export async function memoryUse(peers: Peers, after: readonly number[], heap?: number): Promise<MemoryUse> {
  const limit = heap === undefined ? {} : { NODE_OPTIONS: `--max-old-space-size=${heap}` }
  const host = await startHost({ port: await freePort(), env: { ...peers.settings, ...limit } })
  const resident: number[] = []
  const cpu: number[] = []
  let done = 0
  for (const count of after) {
    await measure(count - done, () => signIn(host.url))
    done = count
    const used = usage(host.pid)
    resident.push(used.resident)
    cpu.push(used.cpu)
  }
  await host.close()
  const [first = 0, second = 0] = after
  return { resident, cpu: ((cpu[1] ?? 0) - (cpu[0] ?? 0)) / (second - first) }
}

/** The server as `npm run host` starts it, among peers with TLS and a vault. */
export async function memory(): Promise<string> {
  if (!existsSync('/proc/self/status')) return 'Needs Linux.'
  const peers = await startPeers({ ...usualPeers, vault: true })
  const free = await memoryUse(peers, [2000, 3000, 20_000])
  const tight = await memoryUse(peers, [2000, 3000, 8000], 256)
  const tightest = await memoryUse(peers, [2000, 3000], 128)
  peers.stop()
  const mb = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MB`
  const megabytes = (count: number): number => count * 2 ** 20
  const row = (what: string, { resident: [early = 0, , late], cpu }: MemoryUse, signIns = '', most = 0) => ({
    'Limit of the heap': what,
    'sign-ins': signIns,
    'resident after 2,000': mb(early),
    'after all': late === undefined ? '' : within(late, most, mb),
    growth: late === undefined ? '' : within(late / early, 1.1, times),
    'CPU of a sign-in': ms(cpu),
    'CPU / without a limit': cpu === free.cpu ? '' : within(cpu / free.cpu, 2, times),
  })
  return table([
    row('none', free, '20,000', megabytes(260)),
    row('256 MB', tight, '8,000', megabytes(180)),
    row('128 MB', tightest, '3,000'),
  ])
}
