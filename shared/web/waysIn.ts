import type { AppError } from '../failure.ts'

/** What a sign-in may depend on. */
export type Dependency =
  | 'settings'
  | 'configuration'
  | 'sign-in key'
  | 'key vault'
  | 'credential'
  | 'entra id'
  | 'graph'
  | 'micetro'

/** `blocked`: without a configuration, or without settings to find it, there is nothing to look at. */
export type Finding = 'ok' | 'blocked' | AppError

/** By dependency; undefined: not known yet. */
export type Findings = ReadonlyMap<Dependency, Finding | undefined>

/** How people get in: their sign-in starts here, or at Micetro Central. */
export interface Way {
  name: string
  /** Without one of these nobody gets in. The vault is not among them: what was read from it serves for hours. */
  needs: readonly Dependency[]
  /** Settings that make it one. */
  settings: string
}

const common: readonly Dependency[] = ['settings', 'configuration', 'sign-in key', 'credential', 'entra id']

export const ways: Record<'here' | 'central', Way> = {
  here: {
    name: 'sign-in started here',
    needs: [...common, 'micetro'],
    settings: 'MICETRO_API_URLS, MICETRO_API_USER and MICETRO_WEB_URL',
  },
  central: { name: 'sign-in started by Central', needs: common, settings: 'CENTRAL_CALLBACK_URL' },
}

/** Without these people get in, but with less: their groups stay as they are, or a new instance could not begin. */
const helpful: readonly Dependency[] = ['graph', 'key vault']

export interface Verdict {
  can: 'not configured' | 'cannot work' | 'not known yet' | 'switched off' | 'ok'
  /** Settings or dependencies to look at. */
  see?: string
}

/** What the configuration says of sign-ins. */
export interface InForceRules {
  enabled: boolean
  /** `groups.required` */
  groupsRequired: boolean
}

/** Where a first sign-in needs a group, Micetro is asked whether it is one; where it is not configured, groups alone decide. */
function needsOf(way: Way, groupsRequired: boolean, findings: Findings): readonly Dependency[] {
  if (way !== ways.central || !groupsRequired) return way.needs
  return [...way.needs, findings.has('micetro') ? 'micetro' : 'graph']
}

/** Whether a way in can work. */
export function judgeWay(
  way: Way,
  configured: boolean,
  { enabled, groupsRequired }: InForceRules,
  findings: Findings,
): Verdict {
  if (!configured) return { can: 'not configured', see: way.settings }
  const failed = (names: readonly Dependency[]): Dependency[] =>
    names.filter((name) => findings.get(name) instanceof Error)
  const needs = needsOf(way, groupsRequired, findings)
  const missing = failed(needs)
  if (missing.length > 0) return { can: 'cannot work', see: missing.join(', ') }
  if (needs.some((name) => findings.has(name) && findings.get(name) === undefined)) return { can: 'not known yet' }
  if (!enabled) return { can: 'switched off' }
  const lacking = failed(helpful)
  return { can: 'ok', ...(lacking.length > 0 && { see: lacking.join(', ') }) }
}

/** 503: a way that is configured cannot work, or none is configured. */
export function statusOf(verdicts: readonly Verdict[]): 200 | 503 {
  const all = verdicts.map(({ can }) => can)
  return all.includes('cannot work') || all.every((can) => can === 'not configured') ? 503 : 200
}

/** A way in as a line for anybody. */
export function wayLine({ name }: Way, { can, see }: Verdict): string {
  if (see === undefined) return `${name}: ${can}`
  return `${name}: ${can}, ${can === 'ok' ? 'but ' : ''}see ${see}`
}
