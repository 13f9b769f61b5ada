import { readFileSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { parseArgs } from 'node:util'

/**
 * `npm run bench`: what a sign-in costs and what people wait for, as Markdown. `--only NAME` (also several) runs a part;
 * `--write` puts the results into docs/performance.md. What counts are the ratios: they are of one run. Times and sizes
 * belong to the machine.
 */
const parts: Record<string, () => Promise<string>> = {
  steady: async () => (await import('./steady.ts')).steady(),
  groups: async () => (await import('./steady.ts')).groups(),
  phases: async () => (await import('./phases.ts')).phases(),
  picture: async () => (await import('./picture.ts')).picture(),
  memory: async () => (await import('./memory.ts')).memory(),
  first: async () => (await import('./firstSignIn.ts')).firstSignIn(),
  cold: async () => (await import('./coldLoad.ts')).coldLoad(),
  central: async () => (await import('./centralScript.ts')).centralScript(),
  reconcile: async () => (await import('./reconcile.ts')).betweenSignIns(),
}

const { values } = parseArgs({
  options: { only: { type: 'string', multiple: true }, write: { type: 'boolean', default: false } },
})
const wanted = values.only ?? Object.keys(parts)
const page = 'docs/performance.md'

function write(name: string, text: string): void {
  const before = readFileSync(page, 'utf8')
  const [begin, end] = [`<!-- bench:${name}:begin -->\n`, `\n<!-- bench:${name}:end -->`]
  const [head, rest] = before.split(begin)
  const tail = rest?.split(end)[1]
  if (head === undefined || tail === undefined) throw new Error(`${page} has no place for ${name}`)
  writeFileSync(page, head + begin + text + end + tail)
}

const [{ model } = { model: 'unknown' }] = cpus()
const machine = `${cpus().length} cores (${model.trim()}), ${(totalmem() / 2 ** 30).toFixed(0)} GB of memory, Node.js ${process.version}, ${process.platform}`
console.log(`${machine}\n`)
if (values.write) write('machine', machine)
for (const name of wanted) {
  const part = parts[name]
  if (part === undefined) throw new Error(`--only is one of ${Object.keys(parts).join(', ')}`)
  const begun = performance.now()
  const text = await part()
  console.log(`## ${name} (${((performance.now() - begun) / 1000).toFixed(0)} s)\n\n${text}\n`)
  if (values.write) write(name, text)
}
process.exit(0)
