import { AppError, failureOf } from '../../failure.ts'
import type { MicetroClient } from '../../micetro/client.ts'
import { mayBlockUsers, readOffer } from '../../micetro/offer.ts'
import type { MicetroGroup, MicetroUser } from '../../micetro/types.ts'
import { NoAnswerError } from '../../outgoing/http.ts'
import { type Check, failed, passed, skipped, type Verdict, verdictOf, warning } from '../check.ts'
import type { MicetroNode, Trial } from '../trial.ts'

/** Asks every base address; the first failure is the verdict. */
async function atEveryNode(trial: Trial, ask: (node: MicetroNode) => Promise<Verdict>): Promise<Verdict> {
  const verdicts = await Promise.all(
    trial.micetro().map(async (node) => ({
      host: node.host,
      verdict: await ask(node).catch((error: unknown) => verdictOf(failureOf(error))),
    })),
  )
  const rank = ['failed', 'warning', 'skipped', 'passed'] as const
  const worst = verdicts.toSorted((a, b) => rank.indexOf(a.verdict.outcome) - rank.indexOf(b.verdict.outcome))[0]
  if (worst === undefined) return skipped('Micetro is not configured: sign-ins start at Central only.')
  if (verdicts.length === 1) return worst.verdict
  return { ...worst.verdict, detail: verdicts.map(({ host, verdict }) => `${host}: ${verdict.detail}`).join(' ') }
}

/** Any answer shows that the address leads to a server; a refused certificate shows it too. */
async function knock(
  { url, host }: MicetroNode,
  { engine }: Trial,
  signal: AbortSignal,
): Promise<NoAnswerError | undefined> {
  try {
    const { status } = await engine.sendToMicetro({ method: 'GET', url: `${url}/swagger.json`, timeout: 8000, signal })
    if (status >= 500) throw new AppError({ code: 'micetro_unreachable', hosts: [host], reason: `answered ${status}` })
    return undefined
  } catch (error) {
    if (error instanceof NoAnswerError) return error
    throw error
  }
}

export const micetroReachableCheck: Check = {
  name: 'micetro_reachable',
  needs: [],
  timeout: 12_000,
  run: (trial, signal) =>
    atEveryNode(trial, async (node) => {
      const problem = await knock(node, trial, signal)
      if (problem === undefined || problem.untrusted) return passed('reachable.')
      throw new AppError({ code: 'micetro_unreachable', hosts: [node.host], reason: problem.reason })
    }),
}

export const micetroCertificateCheck: Check = {
  name: 'micetro_certificate',
  needs: ['micetro_reachable'],
  timeout: 12_000,
  run: (trial, signal) =>
    atEveryNode(trial, async (node) => {
      const problem = await knock(node, trial, signal)
      if (problem?.untrusted) throw new AppError({ code: 'micetro_untrusted', host: node.host, reason: problem.reason })
      return passed('its certificate is trusted.')
    }),
}

export const micetroAccountCheck: Check = {
  name: 'micetro_account',
  needs: ['micetro_certificate', 'vault'],
  timeout: 15_000,
  run: (trial, signal) =>
    atEveryNode(trial, async ({ client }) => {
      await client.logIn(signal)
      return passed('the API account is accepted.')
    }),
}

/** Roles that may administer users (web API notes: "System"). */
const enough = /^(user )?administrators?( \(built-in\))?$/i

/** For a server that leaves the memberships out of a list. */
async function groupsOf({ ref }: MicetroUser, client: MicetroClient, signal: AbortSignal): Promise<MicetroGroup[]> {
  const [refs, groups] = await Promise.all([client.groupsOf(ref, signal), client.listGroups(signal)])
  return groups.filter((group) => refs.includes(group.ref))
}

export const micetroPermissionCheck: Check = {
  name: 'micetro_permission',
  needs: ['micetro_account'],
  timeout: 15_000,
  run: (trial, signal) =>
    atEveryNode(trial, async ({ client }) => {
      const user = trial.engine.settings.micetro?.apiUser ?? ''
      const found = await client.findUsers('name', user, signal)
      const account = found.find(({ name }) => name.toLowerCase() === user.toLowerCase())
      const groups = account === undefined ? [] : (account.groups ?? (await groupsOf(account, client, signal)))
      const rights = [...(account?.roles ?? []), ...groups].flatMap(({ name }) => name ?? [])
      if (rights.some((name) => enough.test(name))) return passed('the API account may administer users.')
      return warning(
        'the API account can read users; whether it may change them is not shown by its roles.',
        'Give it the role User Administrators, which holds "Administer users/groups/roles", and nothing more.',
      )
    }),
}

export const micetroVersionCheck: Check = {
  name: 'micetro_version',
  needs: ['micetro_account'],
  timeout: 15_000,
  run: (trial, signal) =>
    atEveryNode(trial, async ({ client }) => {
      const way = await client.logIn(signal)
      const { version, externalId, groupExternalId, authenticator } = readOffer(await client.definition(signal))
      const groupIds =
        groupExternalId ?? ((await client.listGroups(signal)).some((group) => group.externalId) || undefined)
      const name = version === undefined ? 'Micetro' : `Micetro ${version}`
      const detail =
        `${name} lets the API account in ${way === 'Basic' ? 'by Basic' : 'with a session'}. ` +
        `External IDs of users: ${tells(externalId)}; of groups: ${tells(groupIds)}. ` +
        `Login provider of an account: ${tells(authenticator)}.`
      const hints = [
        ...(mayBlockUsers(version)
          ? ["Before 10.3.2, changing an External user could block that user's log-in: update Micetro first."]
          : []),
        ...(externalId === true
          ? []
          : ['Accounts are matched by name and type External: a renamed person gets a new account.']),
      ]
      return hints.length === 0 ? passed(detail) : warning(detail, hints.join(' '))
    }),
}

const tells = (has: boolean | undefined): string => (has === undefined ? 'not told' : has ? 'yes' : 'no')

export const externalAuthenticationCheck: Check = {
  name: 'external_authentication',
  needs: ['micetro_account'],
  timeout: 15_000,
  run: (trial, signal) =>
    atEveryNode(trial, async ({ client }) => {
      const value = await client.systemSetting('enableExternalAuthentication', signal)
      if (value === undefined) return skipped('Micetro does not tell whether external login providers are enabled.')
      if (/^(1|true|yes)$/i.test(value)) return passed('external login providers are enabled.')
      return failed(
        'external login providers are not enabled (enableExternalAuthentication).',
        'In Micetro: Admin, Configuration, System Settings, Authentication, "Enable external login providers".',
      )
    }),
}
