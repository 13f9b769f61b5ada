import { infraMutants } from './infraTable.ts'
import { oauthMutants } from './oauthTable.ts'
import { reconcileMutants } from './reconcileTable.ts'
import { syncMutants } from './syncTable.ts'
import { webMutants } from './webTable.ts'

/** One change of the code that must turn a test red: what guards a rule is only known once its loss is seen. */
export interface Mutant {
  /** What the change does, as it would be said of a fault. */
  fault: string
  file: string
  /** Occurs exactly once in the file; empty: there is no such file, and the mutant makes it. */
  from: string
  to: string
  /** The file and the name, or a part of it, of the test that must go red. */
  test: readonly [file: string, name: string]
}

/** The checks that docs/security.md names, all of them. */
export const securityMutants: readonly Mutant[] = [...oauthMutants, ...webMutants, ...syncMutants, ...reconcileMutants]

/** `npm run mutants` applies them one by one to a copy of the tree. */
export const mutants: readonly Mutant[] = [
  ...securityMutants,
  ...infraMutants,
  {
    fault: 'what cannot be read when a process starts ends the process',
    file: 'shared/web/preload.ts',
    from: 'const reading = Promise.allSettled(',
    to: 'const reading = Promise.all(',
    test: ['test/integration/prepare.test.ts', 'what it cannot read then it says nothing of'],
  },
  {
    fault: 'a connection that was opened ahead carries two calls',
    file: 'shared/outgoing/readyAgent.ts',
    from: 'handOver() {\n          ready.delete(connection)',
    to: 'handOver() {',
    test: ['test/outgoing/readyAgent.test.ts', 'are what the next calls go through'],
  },
  {
    fault: 'a connection that was opened ahead carries a call to another peer',
    file: 'shared/outgoing/readyAgent.ts',
    from: 'this.#ready.get(peerOf(options)) ?? []',
    to: '[...this.#ready.values()][0] ?? []',
    test: ['test/outgoing/readyAgent.test.ts', 'are for the peer that they were opened to, and for no other'],
  },
  {
    fault: 'what a peer said before it was asked is taken for the answer',
    file: 'shared/outgoing/readyAgent.ts',
    from: "const ends = ['readable', 'end',",
    to: "const ends = ['end',",
    test: ['test/outgoing/readyAgent.test.ts', 'are given up when the peer says something before it is asked'],
  },
  {
    fault: 'connections are opened ahead without end',
    file: 'shared/outgoing/readyAgent.ts',
    from: 'let missing = count - kept - ready.size;',
    to: 'let missing = count;',
    test: ['test/outgoing/readyAgent.test.ts', 'are no more than wanted, however often they are asked for'],
  },
  {
    fault: "a list is cut at a server's page cap",
    file: 'shared/micetro/client.ts',
    from: 'const complete = part.total !== undefined && offset >= part.total',
    to: 'const complete = part.items.length < pageSize || (part.total !== undefined && offset >= part.total)',
    test: ['test/micetro/client.test.ts', 'that the server cuts at fewer than asked for is whole'],
  },
  {
    fault: 'a first page without a total is taken for the whole list',
    file: 'shared/micetro/client.ts',
    from: 'const complete = part.total !== undefined && offset >= part.total',
    to: 'const complete = part.total === undefined || offset >= part.total',
    test: ['test/micetro/client.test.ts', 'without a total on its first page alone is whole'],
  },
  {
    fault: 'the refusal of "not a member" is an error',
    file: 'shared/micetro/client.ts',
    from: ' || /not? (a )?member/i.test(message)',
    to: '',
    test: ['test/micetro/client.test.ts', 'of somebody who is not a member: removeMember succeeds'],
  },
  {
    fault: 'a removal that the server has no resource for counts as done',
    file: 'shared/micetro/client.ts',
    from: 'number === noObject',
    to: 'number !== undefined',
    test: ['test/micetro/client.test.ts', 'that the server has no resource for: removeMember is micetro_rejected'],
  },
  {
    fault: 'the property form that a server takes is forgotten',
    file: 'shared/micetro/client.ts',
    from: 'this.#propertyForm = other',
    to: '',
    test: ['test/micetro/client.test.ts', 'the next one in that form at once'],
  },
  {
    fault: 'a node that failed does not rest',
    file: 'shared/micetro/node.ts',
    from: 'this.failed = { at, failure }',
    to: '',
    test: ['test/micetro/transport.test.ts', 'that answers 503 rests'],
  },
  {
    fault: 'a node rests for ever',
    file: 'shared/micetro/transport.ts',
    from: 'const restAfterFailure = 15_000',
    to: 'const restAfterFailure = 15_000_000',
    test: ['test/micetro/transport.test.ts', 'that gives no answer rests'],
  },
  {
    fault: 'a refused password is tried by every sign-in',
    file: 'shared/micetro/apiPassword.ts',
    from: 'if (this.#pausing(newer) !== undefined) throw this.failure(refused.what)',
    to: '',
    test: ['test/micetro/node.test.ts', 'at a release with sessions is named, and tried once in 30 s'],
  },
  {
    fault: 'a password that Basic refused is tried by every sign-in',
    file: 'shared/micetro/node.ts',
    from: "if (access.kind === 'Basic') this.#options.password.refuse(access.password, 'Basic')",
    to: 'if (false) return',
    test: ['test/micetro/node.test.ts', 'without sessions that was right before is tried once more at the most'],
  },
  {
    fault: 'the wrong log-ins of side-by-side calls by Basic are not held back by one call',
    file: 'shared/micetro/node.ts',
    from: 'return status !== 401',
    to: 'return status !== 0',
    test: ['test/micetro/node.test.ts', 'at a release without sessions is named, and tried once in 30 s'],
  },
  {
    fault: 'Basic is not tried where a session is given and not taken',
    file: 'shared/micetro/node.ts',
    from: 'else this.#takesNoSession = !access.worked && ',
    to: 'else this.#takesNoSession = access.worked && ',
    test: ['test/micetro/node.test.ts', 'is Basic where a log-in is accepted and its session is not'],
  },
  {
    fault: 'a body names no charset',
    file: 'shared/micetro/node.ts',
    from: "'application/json; charset=utf-8'",
    to: "'application/json'",
    test: ['test/micetro/node.test.ts', 'with a body says that it is UTF-8'],
  },
  {
    fault: 'a call without a body names a charset',
    file: 'shared/micetro/node.ts',
    from: "...(body !== undefined && { 'content-type'",
    to: "...({ 'content-type'",
    test: ['test/micetro/node.test.ts', 'without a body names no type'],
  },
  {
    fault: 'one refused membership ends the sign-in',
    file: 'shared/sync/applyPlan.ts',
    from: "new Set(['micetro_rejected', 'micetro_forbidden'])",
    to: 'new Set()',
    test: ['test/sync/applyPlan.test.ts', 'whose membership is refused makes the others (leave, 403)'],
  },
  {
    fault: 'the permission of the API account always passes',
    file: 'shared/saveAndTest/checks/micetro.ts',
    from: 'if (rights.some((name) => enough.test(name)))',
    to: 'if (rights.length >= 0)',
    test: ['test/saveAndTest/checks/micetro.test.ts', 'is not shown by other roles alone'],
  },
  {
    fault: 'the permissions of the application always pass',
    file: 'shared/saveAndTest/checks/permissions.ts',
    from: 'if (missing.length === 0)',
    to: 'if (missing.length >= 0)',
    test: ['test/saveAndTest/checks/permissions.test.ts', 'of one is failed'],
  },
  {
    fault: "one person's consent counts as the administrator's",
    file: 'shared/saveAndTest/checks/permissions.ts',
    from: "grant.consentType === 'AllPrincipals'",
    to: "grant.consentType !== ''",
    test: ['test/saveAndTest/checks/permissions.test.ts', 'that one person gave for herself is failed'],
  },
  {
    fault: 'a release that could block an External user is not warned of',
    file: 'shared/saveAndTest/checks/micetro.ts',
    from: '...(mayBlockUsers(version)',
    to: '...(false',
    test: ['test/saveAndTest/checks/micetro.test.ts', 'before 10.3.2 is warned of'],
  },
  {
    fault: 'Graph has no limit of its own',
    file: 'shared/signIn/authenticate.ts',
    from: 'createDeadline(signal, graphLimit)',
    to: 'createDeadline(signal, 2 * graphLimit)',
    test: ['test/signIn/authenticate.test.ts', 'is waited for up to a limit of its own'],
  },
  {
    fault: 'calls go through a proxy that the environment names',
    file: 'shared/outgoing/http.ts',
    from: ', proxyEnv: {} }',
    to: ' }',
    test: ['test/outgoing/http.test.ts', 'goes through no proxy that the environment names'],
  },
  {
    fault: 'a cookie of a second line is not found',
    file: 'shared/web/cookies.ts',
    from: 'split(/[;,]/)',
    to: "split(';')",
    test: ['test/web/cookies.test.ts', 'of two lines are parted by a comma'],
  },
  {
    fault: 'a name with another blank before it is the same name',
    file: 'shared/web/cookies.ts',
    from: "text.replace(/^[ \\t]+|[ \\t]+$/g, '')",
    to: 'text.trim()',
    test: ['test/web/cookies.test.ts', 'have another name with another blank before it'],
  },
]
