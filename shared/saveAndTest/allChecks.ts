import type { Check } from './check.ts'
import { betweenSignInsCheck } from './checks/betweenSignIns.ts'
import { clockCheck } from './checks/clock.ts'
import { credentialCheck } from './checks/credential.ts'
import { credentialExpiryCheck } from './checks/credentialExpiry.ts'
import { graphCheck } from './checks/graph.ts'
import { groupsCheck } from './checks/groups.ts'
import {
  externalAuthenticationCheck,
  micetroAccountCheck,
  micetroCertificateCheck,
  micetroPermissionCheck,
  micetroReachableCheck,
  micetroVersionCheck,
} from './checks/micetro.ts'
import { permissionsCheck } from './checks/permissions.ts'
import { redirectUriCheck } from './checks/redirectUri.ts'
import { settingsCheck } from './checks/settings.ts'
import { tenantCheck } from './checks/tenant.ts'
import { vaultCheck, vaultWriteCheck } from './checks/vault.ts'

/** Every check, in the order in which an administrator reads them. */
export const allChecks: readonly Check[] = [
  settingsCheck,
  vaultCheck,
  vaultWriteCheck,
  tenantCheck,
  clockCheck,
  credentialCheck,
  credentialExpiryCheck,
  redirectUriCheck,
  graphCheck,
  permissionsCheck,
  micetroReachableCheck,
  micetroCertificateCheck,
  micetroAccountCheck,
  micetroPermissionCheck,
  micetroVersionCheck,
  externalAuthenticationCheck,
  groupsCheck,
  betweenSignInsCheck,
]
