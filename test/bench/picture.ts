import { startWarmWorld, type TimedCall, timeAge, type Wait } from './phases.ts'

/** A chart of the first sign-in of a fresh process: every call a bar, and what the person waits for. */
export async function picture(): Promise<string> {
  const { world, port } = await startWarmWorld()
  const latency = 50
  const [signIn] = await timeAge(world, port, 'fresh', { latency, repeat: 1, stay: 500 })
  await world.close()
  if (signIn === undefined) throw new Error('there was no sign-in')
  const { login, callback, calls } = signIn
  const bar = ({ what, from, to }: TimedCall): string => `    ${what} :${from.toFixed(0)}, ${(to - from).toFixed(0)}ms`
  const part = (title: string, belongs: (call: TimedCall) => boolean, wait?: Wait): string[] => [
    `    section ${title}`,
    ...calls.filter(belongs).map(bar),
    ...(wait === undefined ? [] : [bar({ ...wait, what: 'the person waits' }).replace(':', ':crit, ')]),
  ]
  const isForLogin = ({ to }: TimedCall): boolean => to <= login.to
  const isForCallback = ({ from }: TimedCall): boolean => from >= callback.from
  const words = (wait: Wait): string => `${(wait.to - wait.from).toFixed(0)} ms, ${wait.inARow} calls in a row`
  return [
    '```mermaid',
    'gantt',
    '    accTitle: Where the time of a fresh sign-in goes',
    `    accDescr: Every call of the first sign-in of a fresh process as a bar over time, ${latency} ms each. The person waits for /login (${words(login)}). While the person is at Entra ID the rest is read. The person waits for the callback (${words(callback)}).`,
    '    dateFormat x',
    '    axisFormat %S.%L s',
    ...part('login', isForLogin, login),
    ...part('at Entra ID', (call) => !isForLogin(call) && !isForCallback(call)),
    ...part('callback', isForCallback, callback),
    '```',
  ].join('\n')
}
