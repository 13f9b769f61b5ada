import type { SavedConfiguration } from '../../configuration/entraConfiguration.ts'
import type { ConfigurationAnswer } from './api.ts'
import { shownValue } from './differences.ts'
import { counted, labelOf } from './labels.ts'

/** Scopes that OpenID Connect reserves, and the one that is always asked for. */
const everywhere = ['openid', 'profile', 'offline_access', 'email', 'User.Read']

type Loaded = Pick<ConfigurationAnswer, 'configuration' | 'sources' | 'below' | 'runs'>

type Row = [isRisk: boolean, sentence: string]

const risksIn = (rows: readonly Row[]): string[] => rows.flatMap(([isRisk, sentence]) => (isRisk ? [sentence] : []))

/**
 * What a save would do that its reader may not want, each in one sentence: lock people out, give somebody the rights of
 * somebody else, or take rights away by itself. Empty when nothing needs a question.
 * @param loaded what is in force
 * @param tried scopes with which a Test sign-in succeeded
 */
export function risksOf(candidate: SavedConfiguration, loaded: Loaded, tried: ReadonlySet<string>): string[] {
  const { configuration: now } = loaded
  const known = new Set([...everywhere, ...(now.scope ?? []), ...tried])
  const untried = (candidate.scope ?? []).filter((scope) => !known.has(scope))
  const clients = [now.client_id, candidate.client_id]
  const risks = risksIn([
    [candidate.enabled === false, 'Enabled is off: nobody can sign in with Entra ID. Micetro’s own login still works.'],
    [
      untried.length > 0,
      `Scope ${untried.join(', ')} was neither saved before nor tried. If Entra ID does not know it, or nobody has consented to it, every sign-in fails. Test sign-in tries it without saving.`,
    ],
    [
      !clients.includes(undefined) && clients[0] !== clients[1] && candidate.match_by_name !== true,
      'Client ID is another one: with another app registration everybody has another External ID, and whoever has an account already is refused. For the change-over switch on Match accounts by name.',
    ],
    [
      candidate.match_by_name === true,
      'Match accounts by name is on: whoever gets the sign-in name of another person gets that account in Micetro. Switch it off as soon as everybody has signed in once.',
    ],
    [
      isLimited(now) && !isLimited(candidate),
      'All groups of a person decide, by name: in many tenants anybody can create a group, and give it the name of a Micetro group.',
    ],
  ])
  return [...risks, ...removals(candidate, loaded), ...fallbacks(candidate, loaded)]
}

const isLimited = ({ groups }: SavedConfiguration): boolean => groups?.match === 'id' || groups?.claim === 'required'

/** With `enforce` the timer takes rights away, and asks nobody. */
function removals({ between_sign_ins: next }: SavedConfiguration, { configuration, runs }: Loaded): string[] {
  if (next?.mode !== 'enforce') return []
  const before = configuration.between_sign_ins
  const enforced = before?.mode === 'enforce' ? before : undefined
  const { mode, outcome, removals: count = 0 } = runs?.last ?? {}
  const report =
    mode === 'report' && outcome === 'done'
      ? `The last report would remove ${counted(count, 'membership')}.`
      : 'Run a report under Access review first, to see whom this concerns.'
  const brake = next.brake_percent ?? 10
  return risksIn([
    [
      enforced === undefined,
      `Between sign-ins is set to Enforce: from its next run on, the timer removes people from Micetro groups when they are disabled or deleted in Entra ID, or no longer in the group there. ${report}`,
    ],
    [
      next.not_found === 'remove' && enforced?.not_found !== 'remove',
      'People who are not found lose every group, as if deleted. Somebody whose sign-in name changed may not be found.',
    ],
    [
      brake > (enforced?.brake_percent ?? 10),
      `Brake is raised to ${brake} %: a run stops only when more than ${brake} % of all External accounts would lose every group.`,
    ],
  ])
}

const lowerSources: Record<string, (key: string) => string> = {
  file: () => 'from ext_auth_conf.json',
  setting: (key) => `from the app setting ENTRA_${key.toUpperCase()}`,
  default: () => 'which is the default',
}

/** A field that was emptied does not stay empty where something lies below it. */
function fallbacks(candidate: SavedConfiguration, { configuration, below }: Loaded): string[] {
  return Object.keys(configuration)
    .filter((key) => !(key in candidate) && key !== 'credential_version')
    .flatMap((key) => {
      const value = (below?.configuration as Record<string, unknown> | undefined)?.[key]
      const source = lowerSources[below?.sources[key] ?? '']
      if (value === undefined || source === undefined) return []
      return [`${labelOf(key)} is empty: ${shownValue(value)} counts instead, ${source(key)}.`]
    })
}
