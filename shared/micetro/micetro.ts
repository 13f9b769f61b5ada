import { LRUCache } from 'lru-cache'
import { Cached } from '../cached.ts'
import type { Failure } from '../failure.ts'
import { MicetroClient } from './client.ts'
import { type MicetroOffer, readOffer } from './offer.ts'
import { MicetroTransport, type TransportOptions } from './transport.ts'
import type { MicetroGroup } from './types.ts'

const minute = 60_000
const hour = 60 * minute

/** A membership that Micetro did not let us change: its group is read-only, say, or another system manages it. */
export interface RefusedMembership {
  /** Name of the group. */
  group: string
  ref: string
  action: 'join' | 'leave'
  failure: Failure
}

/** Micetro as the sign-in sees it: its client, and what seldom changes. */
export interface Micetro {
  client: MicetroClient
  groups: Cached<readonly MicetroGroup[]>
  offer: Cached<MicetroOffer>
  /** The latest refusal of each group, by reference, so that who only looks hears of them, too. */
  refusals: LRUCache<string, RefusedMembership>
}

/** A day: a refusal that no sign-in has met since may have been mended. */
export const emptyRefusals = (): Micetro['refusals'] => new LRUCache({ max: 200, ttl: 24 * hour })

/** Nothing is called before it is needed. */
export function createMicetro(options: TransportOptions): Micetro {
  const { clock } = options
  const client = new MicetroClient(new MicetroTransport(options))
  // Several requests share these loads, so none of their budgets ends them; the calls have time limits of their own.
  const { signal } = new AbortController()
  return {
    client,
    // Only who has signed in gets here, and should not be told of a failure that has passed.
    groups: new Cached(() => client.listGroups(signal), clock, { freshFor: minute, pauseAfterFailure: 0 }),
    offer: new Cached(() => fetchOffer(client, options.settings.apiUser, signal), clock, {
      pauseAfterFailure: 0,
      freshFor: 30 * minute,
      staleFor: 12 * hour,
    }),
    refusals: emptyRefusals(),
  }
}

/** Where the definition cannot be read, the API account's own entry shows whether there are external ids. */
async function fetchOffer(client: MicetroClient, apiUser: string, signal: AbortSignal): Promise<MicetroOffer> {
  const offer = readOffer(await client.definition(signal))
  if (offer.externalId !== undefined) return offer
  const [account] = await client.findUsers('name', apiUser, signal)
  return { ...offer, externalId: account && account.externalID !== undefined }
}
