import { randomBytes } from 'node:crypto'
import { endWithParent } from '../../test/host/endWithParent.ts'
import { freePort, startHost } from '../../test/host/hostProcess.ts'
import { pythonProblem } from '../../test/simulators/centralScript.ts'
import { chosenRelease } from '../../test/simulators/micetroReleases.ts'
import { startWorld } from '../../test/simulators/world.ts'

/**
 * `npm start`: the simulators and the host, and one address to open; the other way in is named below it. Server-side traffic is TLS with a certificate
 * authority that lives as long as this process; the browser sees plain HTTP on localhost, so it warns of nothing.
 */
const port = process.env.PORT === undefined ? await freeUnlessUsual(7071) : Number(process.env.PORT)

/** The usual port when it is free, so that the address stays the same from one start to the next. */
async function freeUnlessUsual(usual: number): Promise<number> {
  const { createServer } = await import('node:net')
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(freePort()))
    probe.listen(usual, '127.0.0.1', () => probe.close(() => resolve(usual)))
  })
}

const world = await startWorld({ port, centralButton: true, release: chosenRelease() })
const host = await startHost({
  port,
  // Any page in the developer's browser can reach this host, so the key is not one that is written down.
  env: { ...world.settings(port), HOST_FUNCTION_KEY: randomBytes(24).toString('base64url') },
  onLine: (line) => {
    if (/^\[.*\] (information|warning|error) /.test(line)) console.log(line)
  },
})
world.micetro.central.configure({ functionKey: host.functionKey })
const problem = pythonProblem()

console.log(`
Open  ${host.url}/login

Choose a sample user and see in the simulated Micetro what the sign-in changed. Micetro and Entra ID are simulated;
nothing leaves this machine. Ctrl-C ends everything.

Then try Micetro's own login button, ${world.micetro.webUrl}login${problem === undefined ? '' : ` (${problem})`},
and Save and Test, ${host.url}/config, with the access key ${host.functionKey}
`)

let ending = false
const end = async (): Promise<void> => {
  if (ending) return
  ending = true
  await host.close()
  await world.close()
  process.exit(0)
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void end())
endWithParent(() => void end())
