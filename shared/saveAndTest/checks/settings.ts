import { isMultiTenant } from '../../configuration/clouds.ts'
import type { EntraConfiguration } from '../../configuration/entraConfiguration.ts'
import type { Settings } from '../../configuration/settings.ts'
import { type Check, passed, warning } from '../check.ts'

/** The app settings are complete; the candidate itself was read before any check ran. What may harm is a warning. */
export const settingsCheck: Check = {
  name: 'settings',
  needs: [],
  timeout: 5000,
  async run({ engine, candidate: { configuration } }) {
    const warnings = settingsWarnings(configuration, engine.settings)
    if (warnings.length > 0)
      return warning(warnings.map(([detail]) => detail).join(' '), warnings.map(([, hint]) => hint).join(' '))
    if (isMultiTenant(configuration.tenantId)) {
      return passed(`Complete. ${configuration.allowedTenants.length} tenants may sign in.`)
    }
    return passed('Complete.')
  },
}

type Warning = [detail: string, hint: string]

/** What may harm, each with its remedy; nothing but the arguments decides. */
export function settingsWarnings(configuration: EntraConfiguration, { micetro }: Pick<Settings, 'micetro'>): Warning[] {
  const { enabled, matchByName, groups, homeTenant, tenantId } = configuration
  const hasHome = !isMultiTenant(tenantId) || homeTenant !== undefined
  const all: (Warning | false)[] = [
    !enabled && ['Sign-in is switched off.', 'Switch Enabled on when people may sign in.'],
    micetro === undefined && [
      'Sign-ins can start at Central only.',
      "For sign-ins at this application set MICETRO_API_URLS, MICETRO_API_USER and MICETRO_WEB_URL; for Central's own button nothing is missing.",
    ],
    micetro === undefined &&
      groups.required && [
        'At later sign-ins, too, people must join a Micetro group.',
        'Without MICETRO_API_URLS a first sign-in cannot be told from a later one, so whoever has no group, or whose groups cannot be read, is refused.',
      ],
    matchByName && [
      'Match accounts by name is on: whoever gets the sign-in name of another person gets that account.',
      'Switch it off as soon as everybody has signed in once.',
    ],
    !hasHome && [
      'No tenant is the home tenant: names of groups and accounts count for nobody.',
      'Enter as home tenant the one of the allowed tenants whose people and groups may be matched by name, or leave it empty on purpose.',
    ],
    hasHome &&
      groups.match === 'name' &&
      groups.claim === 'optional' && [
        'All groups of a person decide, by name: whoever may create a group in the tenant may give it the name of a Micetro group.',
        'Under “Which groups decide?” choose those assigned to the application, and have Entra ID emit only them as a claim (it needs Entra ID P1, counts direct members only, and trusts whoever owns an assigned group and may rename it). Or choose only those in a table, by object ID, which alone does not depend on names.',
      ],
  ]
  return all.filter((each) => each !== false)
}
