import type { Fault, SimulatedServer } from '../simulators/server.ts'
import type { World } from '../simulators/world.ts'

/** One call of a sign-in to one peer. */
export interface Step {
  peer: 'entra' | 'graph' | 'vault' | 'identity' | 'micetro'
  name: string
  path: RegExp
  method?: string
  /** A sign-in at an instance that has what it needs makes this call, too. */
  steady?: true
  /** It changes something, so a lost answer is another thing than a lost call. */
  writes?: true
}

/** Every call of a first sign-in at a fresh instance. */
export const steps: readonly Step[] = [
  { peer: 'identity', name: 'token of the identity', path: /./ },
  { peer: 'vault', name: 'configuration', path: /^\/secrets\/micetro-entra-config/ },
  { peer: 'vault', name: 'key', path: /^\/secrets\/micetro-sign-in-key/ },
  { peer: 'vault', name: 'credential', path: /^\/secrets\/micetro-entra-client-credential/ },
  { peer: 'vault', name: 'password', path: /^\/secrets\/micetro-api-password/ },
  { peer: 'entra', name: 'metadata', path: /openid-configuration/ },
  { peer: 'entra', name: 'signing keys', path: /\/keys/ },
  { peer: 'entra', name: 'token', path: /\/token/, method: 'POST', steady: true },
  { peer: 'graph', name: 'profile', path: /\/me\?/, steady: true },
  { peer: 'graph', name: 'groups', path: /transitiveMemberOf/, steady: true },
  { peer: 'micetro', name: 'log-in', path: /\/sessions$/, method: 'POST' },
  { peer: 'micetro', name: 'definition', path: /swagger\.json/ },
  { peer: 'micetro', name: 'groups', path: /\/Groups\?/, method: 'GET' },
  { peer: 'micetro', name: 'account', path: /\/Users\?/, method: 'GET', steady: true },
  { peer: 'micetro', name: 'creation', path: /\/Users$/, method: 'POST', writes: true },
  { peer: 'micetro', name: 'first membership', path: /\/Groups\/\d+\/Users\/\d+/, method: 'PUT', writes: true },
]

export type FaultName = '429' | '503' | 'reset' | 'cut off' | 'stall' | 'lost'

/** A fault that passes: it hits one call. */
export const faults: Record<FaultName, Fault> = {
  429: { kind: 'status', status: 429, headers: { 'retry-after': '1' }, body: '{}' },
  503: { kind: 'status', status: 503, body: '{}' },
  reset: { kind: 'drop' },
  'cut off': { kind: 'cutOff' },
  stall: { kind: 'hang' },
  // Only of a write: a read that was answered nobody is a reset.
  lost: { kind: 'lost' },
}

/** The servers of a peer; Micetro has an address for each. */
export function serversOf({ entra, graph, vault, identity, micetro }: World, peer: Step['peer']): SimulatedServer[] {
  return peer === 'micetro' ? [...micetro.nodes] : [{ entra, graph, vault, identity }[peer]]
}

/** Calls of this kind that a server has had. */
export function callsOf({ requests }: SimulatedServer, { path, method }: Step): number {
  return requests.filter(
    (request) => path.test(request.path + request.query) && (method === undefined || request.method === method),
  ).length
}
