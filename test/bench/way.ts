/** A browser that is on its way to Entra ID. */
export interface Departure {
  location: string
  state: string
  /** Value of its cookie. */
  sealed: string
}

/** One way of signing people in; each makes the same calls. */
export interface Way {
  /** From /login to the address at Entra ID; the first time, what the process needs is read. */
  begin(): Promise<Departure>
  /** From the code to the account at Micetro, where nothing is to be changed. */
  complete(departure: Departure, code: string): Promise<void>
  /** From Central's document to the answer for Central. */
  central(nonce: string): Promise<void>
}

/** The environment of an application. */
export type Settings = Readonly<Record<string, string>>

export const wayNames = ['bare', 'libraries', 'ours'] as const
export type WayName = (typeof wayNames)[number]

/** The standard library; axios, MSAL, jose and the SDKs of Azure, and nothing else; this application. */
const modules: Record<WayName, () => Promise<{ create(settings: Settings): Way }>> = {
  bare: () => import('./bareTools.ts'),
  libraries: () => import('./libraryTools.ts'),
  ours: () => import('./ourWay.ts'),
}

export async function createWay(name: WayName, settings: Settings): Promise<Way> {
  return (await modules[name]()).create(settings)
}

/** Peers that carry the nonce in the code are told it; see peers.ts. */
export const codeOf = ({ location }: Departure): string => new URL(location).searchParams.get('nonce') ?? ''

/** One sign-in from end to end. */
export async function signIn(way: Way): Promise<void> {
  const departure = await way.begin()
  await way.complete(departure, codeOf(departure))
}
