import { tryAgain, type Words } from '../failure.ts'

/** What can go wrong at Microsoft Graph. */
interface GraphFailures {
  graph_unreachable: { host: string; reason: string }
  graph_throttled: { status: number }
  /** `type`: of the permission; absent: delegated. */
  graph_forbidden: { permission: string; type?: 'application' }
  graph_rejected: { status: number; reply: string }
  graph_incomplete: { problem: string }
}

declare module '../failure.ts' {
  interface Failures extends GraphFailures {}
}

export const graphWords: Words<keyof GraphFailures> = {
  graph_unreachable: (failure) => ({
    status: 502,
    user: `Your groups could not be read. ${tryAgain}`,
    admin: `${failure.host} did not answer (${failure.reason}). Check outgoing access, DNS and the chosen cloud.`,
  }),
  graph_throttled: (failure) => ({
    status: 503,
    user: `Your groups could not be read. ${tryAgain}`,
    admin: `Microsoft Graph is throttling or unavailable (${failure.status}). It passes by itself.`,
  }),
  graph_forbidden: (failure) => ({
    status: 502,
    user: 'Your groups could not be read. Please tell your Micetro administrator.',
    admin: `Grant admin consent for the ${failure.type ?? 'delegated'} permission ${failure.permission} of Microsoft Graph.`,
  }),
  graph_rejected: (failure) => ({
    status: 502,
    user: 'Your groups could not be read. Please tell your Micetro administrator.',
    admin: `Microsoft Graph answered ${failure.status} (${failure.reply}). Check that cloud and Graph endpoint belong together.`,
  }),
  graph_incomplete: (failure) => ({
    status: 502,
    user: `Your groups could not be read completely. ${tryAgain}`,
    admin: `The list of groups broke off: ${failure.problem}.`,
  }),
}
