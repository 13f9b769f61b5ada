import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { documentOf } from '../simulators/centralAttempt.ts'
import { pythonProblem } from '../simulators/centralScript.ts'
import { startPeers, usualPeers } from './peerProcess.ts'
import { ms, table, times } from './table.ts'

/** Python's own count of what its children took, for `count` runs of a program that reads the input. */
const program = `
import json, resource, subprocess, sys, time
count, *command = sys.argv[1:]
input, begun = sys.stdin.buffer.read(), time.monotonic()
for _ in range(int(count)): subprocess.run([sys.executable, *command], input=input, stdout=subprocess.DEVNULL, check=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({"cpu": (used.ru_utime + used.ru_stime) * 1000 / int(count), "wall": (time.monotonic() - begun) * 1000 / int(count)}))`

/** What Central's server pays for a sign-in: the script that hands its document to the function. */
export async function centralScript(): Promise<string> {
  const problem = pythonProblem()
  if (problem !== undefined) return problem
  const { origin, stop } = await startPeers(usualPeers)
  const configuration = {
    tenantId: 't',
    clientId: 'c',
    clientCredential: '',
    redirectUri: origin,
    authorizeUrl: origin,
  }
  const document = documentOf(configuration, { nonce: 'n', verifier: 'v' }, 'code=c&state=s')
  const env = { PATH: process.env.PATH, MM_AUTH_CB_URL: `${origin}/central/auth_cb`, MM_AUTH_CB_KEY: 'key' }
  const run = async (...command: string[]): Promise<{ cpu: number; wall: number }> => {
    const running = promisify(execFile)('python3', ['-c', program, '30', ...command], { env })
    running.child.stdin?.end(JSON.stringify(document))
    return JSON.parse((await running).stdout) as { cpu: number; wall: number }
  }
  const python = await run('-c', 'pass')
  const script = await run(resolve('infra/central/mm_auth_cb.py'))
  stop()
  return table([
    {
      'On the Central server': 'Python that does nothing',
      CPU: ms(python.cpu),
      time: ms(python.wall),
      'CPU / Python': times(1),
    },
    {
      'On the Central server': '`mm_auth_cb.py`, answered at once',
      CPU: ms(script.cpu),
      time: ms(script.wall),
      'CPU / Python': times(script.cpu / python.cpu),
    },
  ])
}
