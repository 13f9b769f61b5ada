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
    !enabled && ['Sign-in is switched off.', 'Set enabled to true when people shall sign in.'],
    micetro === undefined && [
      'Sign-ins can start at Central only.',
      "For sign-ins at this application set MICETRO_API_URLS, MICETRO_API_USER and MICETRO_WEB_URL; for Central's own button nothing is missing.",
    ],
    micetro === undefined &&
      groups.required && [
        'groups.required holds for later sign-ins, too.',
        'Without MICETRO_API_URLS a first sign-in cannot be told from a later one, so whoever has no group, or whose groups cannot be read, is refused.',
      ],
    matchByName && [
      'match_by_name is set: accounts are matched by name.',
      'Switch match_by_name off after the change-over.',
    ],
    !hasHome && [
      'No tenant is the home tenant: names of groups and accounts count for nobody.',
      'Set home_tenant to the one of allowed_tenants whose people and groups may be matched by name, or leave it out on purpose.',
    ],
    hasHome &&
      groups.match === 'name' &&
      groups.claim === 'optional' && [
        'Names of groups decide, and no claim limits them: whoever may make a group in the tenant may give it the name of a Micetro group.',
        'Assign the groups to the application, emit them as a claim and set groups.claim to "required" (Entra ID P1, direct members only; who owns an assigned group and may rename it is trusted). Or set groups.match to "id", which alone does not depend on names.',
      ],
  ]
  return all.filter((each) => each !== false)
}
