import type { Clock } from '../clock.ts'
import { AppError } from '../failure.ts'
import { type Answer, type Call, NoAnswerError, type Send } from '../outgoing/http.ts'
import { sendWithRetry } from '../outgoing/retry.ts'
import {
  type EntraGroup,
  groupsPageRequest,
  groupsRequest,
  type Profile,
  profileRequest,
  readGroupsPage,
  readProfile,
} from './graphCalls.ts'

export interface GraphContext {
  /** Root of Microsoft Graph in this cloud. */
  graph: string
  accessToken: string
  send: Send
  clock: Clock
  random: () => number
  signal: AbortSignal
}

/** 100 pages of 999: more than a user can be in (Entra ID's limit is 2,048 for most tokens), and an end to any loop. */
const mostPages = 100

async function call(request: Omit<Call, 'signal'>, context: GraphContext): Promise<Answer> {
  const { send, clock, random, signal, graph } = context
  try {
    return await sendWithRetry(send, { ...request, signal }, { attempts: 3, clock, random })
  } catch (cause) {
    if (!(cause instanceof NoAnswerError)) throw cause
    if (cause.cancelled) {
      throw new AppError(
        { code: 'graph_unreachable', host: new URL(graph).host, reason: 'it took too long' },
        { cause },
      )
    }
    throw new AppError({ code: 'graph_unreachable', host: new URL(graph).host, reason: cause.reason }, { cause })
  }
}

/** The signed-in user's profile. */
export async function fetchProfile(context: GraphContext): Promise<Profile> {
  return readProfile(await call(profileRequest(context.graph, context.accessToken), context))
}

/**
 * All groups of the signed-in user, nested ones included: every page, or an error; never a part of the list.
 * @throws AppError graph_*
 */
export async function fetchGroups(context: GraphContext): Promise<EntraGroup[]> {
  const groups: EntraGroup[] = []
  let request = groupsRequest(context.graph, context.accessToken)
  for (let page = 1; page <= mostPages; page += 1) {
    const { groups: more, next } = readGroupsPage(await call(request, context), context.graph)
    groups.push(...more)
    if (next === undefined) return groups
    request = groupsPageRequest(next, context.accessToken)
  }
  throw new AppError({ code: 'graph_incomplete', problem: `the list has more than ${mostPages} pages` })
}
