import type { SavedConfiguration } from '../../configuration/entraConfiguration.ts'
import type { ConfigurationAnswer } from './api.ts'
import { shownValue } from './differences.ts'
import { labelOf, settingOf } from './labels.ts'

/** Scopes that OpenID Connect reserves, and the one that is always asked for. */
const everywhere = ['openid', 'profile', 'offline_access', 'email', 'User.Read']

type Loaded = Pick<ConfigurationAnswer, 'configuration' | 'sources' | 'below'>

/**
 * What a save would do that its reader may not want, each in one sentence; empty when nothing needs a question.
 * @param loaded what is in force
 * @param tried scopes with which a Test sign-in succeeded
 */
export function risksOf(candidate: SavedConfiguration, loaded: Loaded, tried: ReadonlySet<string>): string[] {
  const risks: string[] = []
  if (candidate.enabled === false)
    risks.push('Enabled is off: nobody can sign in with Entra ID. Micetro’s own login goes on.')
  const known = new Set([...everywhere, ...(loaded.configuration.scope ?? []), ...tried])
  const untried = (candidate.scope ?? []).filter((scope) => !known.has(scope))
  if (untried.length > 0) {
    risks.push(
      `Scope ${untried.join(', ')} was neither saved before nor tried. If Entra ID does not know it, or nobody has consented to it, every sign-in fails. Test sign-in tries it without saving.`,
    )
  }
  if (candidate.match_by_name === true) {
    risks.push(
      'Match accounts by name is on: a person who gets the sign-in name of another one gets that account in Micetro. Switch it off as soon as everybody has signed in once.',
    )
  }
  return [...risks, ...fallbacks(candidate, loaded)]
}

const lowerSources: Record<string, (key: string) => string> = {
  file: () => 'from ext_auth_conf.json',
  setting: (key) => (key in settingOf ? `from the app setting ${settingOf[key]}` : 'from the app settings'),
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
      return [`${labelOf(key)} is empty: ${shownValue(value)} counts then, ${source(key)}.`]
    })
}
