import type { HostProcess } from './hostProcess.ts'

const said = 'the clock is six minutes further'

/** Settings of a host whose clock can be put forward: caches grow old without anybody waiting. */
export const laterClock: Readonly<Record<string, string>> = {
  NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(
    `const n=Date.now;let ahead=0;Date.now=()=>n()+ahead;process.on("SIGUSR2",()=>{ahead+=360000;process.stdout.write(${JSON.stringify(`${said}\n`)})})`,
  )}`,
}

/** Puts the clock of such a host six minutes forward, as if nobody had come for so long. */
export async function sixMinutesLater(host: HostProcess): Promise<void> {
  const count = (): number => host.output().split(said).length
  const before = count()
  process.kill(host.pid, 'SIGUSR2')
  while (count() === before) await new Promise((resolve) => setTimeout(resolve, 1))
}
