import { spawnSync } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { azProblem } from '../infra/azCommands.ts'
import { azdCommands } from '../infra/azdCommands.ts'
import { canRunScripts } from '../infra/scriptRun.ts'
import { filled, shellBlocks } from './shellBlocks.ts'

const read = (path: string): string => readFileSync(path, 'utf8')
const pages = ['README.md', ...globSync('docs/*.md'), '.github/CONTRIBUTING.md']

/** Programs of every shell, which no page explains. */
const common = ['cd', 'echo', 'export', 'git', 'openssl', 'printf', 'python3', 'read']

/** Splits a command line at blanks, as a shell does with quoted text. */
const wordsOf = (command: string): string[] => command.match(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g) ?? []

/** The commands of a text for a shell, those within others and in a row included; placeholders are one word. */
function commandsOf(text: string): string[][] {
  let rest = filled(text)
    .replaceAll(/\\\n/g, ' ')
    .replaceAll(/(^|\s)#.*$/gm, '')
    .replaceAll('&&', ';')
  const inner: string[] = []
  for (let found = true; found; ) {
    const before = rest
    rest = rest.replace(/[$<]\(([^()]*)\)/, (_, command: string) => {
      inner.push(command)
      return 'result'
    })
    found = rest !== before
  }
  const parts = [rest, ...inner].flatMap((each) => each.match(/(?:'[^']*'|"[^"]*"|[^\n;|'"])+/g) ?? [])
  return parts.map(wordsOf).filter((words) => words.length > 0)
}

const packageScripts: Readonly<Record<string, string>> = JSON.parse(read('package.json')).scripts

/** What is wrong with a call of npm. Options behind `--` are of the script, which names them in its own file. */
function npmProblem(args: readonly string[]): string | undefined {
  const end = args.includes('--') ? args.indexOf('--') : args.length
  const [command = '', ...own] = args.slice(args[0] === 'run' ? 1 : 0, end)
  const script = packageScripts[command]
  if (script === undefined && command !== 'ci' && command !== 'audit') return `npm ${args.join(' ')}`
  const source = read(/\S+\.ts/.exec(script ?? '')?.[0] ?? 'package.json')
  const options = args.slice(end + 1).filter((each) => each.startsWith('-'))
  return own[0] ?? options.find((each) => !new RegExp(`\\b${each.slice(2)}: \\{ type:`).test(source))
}

/** What is wrong with a command; undefined when everything in it exists. */
function problemOf(words: readonly string[]): string | undefined {
  const [program = '', ...args] = words.slice(words.findIndex((each) => !/^[A-Z_]+=/.test(each)))
  const options = args.filter((each) => each.startsWith('-')).map((each) => each.replace(/=.*/, ''))
  const named = args.slice(0, args.findIndex((each) => each.startsWith('-')) >>> 0)
  if (program === 'az') return azProblem(named.join(' '), options)
  if (program === 'azd') {
    const command = Object.keys(azdCommands).find((each) => `${args.join(' ')} `.startsWith(`${each} `))
    if (command === undefined) return `azd ${args.join(' ')}`
    return options.find((each) => azdCommands[command]?.includes(each) !== true)
  }
  if (program === 'npm') return npmProblem(args)
  if (/\.sh$/.test(program)) {
    const path = program.includes('/') ? program : `infra/scripts/${program}`
    if (!existsSync(path)) return `${path} is not there`
    const { stderr } = spawnSync('bash', [path], { encoding: 'utf8' })
    const known: readonly string[] = stderr.match(/--[a-z-]+/g) ?? []
    return options.find((each) => !known.includes(each))
  }
  return common.includes(program) ? undefined : `what is ${program}?`
}

describe.runIf(canRunScripts)('every command in a page exists, with its options', () => {
  test.each(pages)('%s', (page) => {
    const text = read(page)
    const spans = [...text.replaceAll(/^ *```[\s\S]*?^ *```$/gm, '').matchAll(/`([^`]+)`/g)]
      .map(([, span = '']) => span)
      .filter((span) => /^(?:[A-Z_]+=\S+ )*(?:az|azd|git|npm|[\w./]*\.sh) /.test(span))
    const commands = [...shellBlocks(text), ...spans].flatMap(commandsOf)
    expect(commands.flatMap((words) => problemOf(words) ?? [])).toEqual([])
    // No command hides in a block of another name.
    const others = text.replaceAll(/^ *```sh\n[\s\S]*?^ *```$/gm, '').matchAll(/^ *```[\s\S]*?^ *```$/gm)
    for (const [block] of others) expect(block).not.toMatch(/^ *(?:\$ )?(?:az|azd|npm|[\w./]*\.sh) /m)
  })

  test('the pages are read right: all sorts of commands are found, and mistakes are seen', () => {
    const guide = read('docs/deploy.md')
    const [block = ''] = guide.match(/```sh\naz role assignment create[\s\S]*?```/) ?? []
    expect(commandsOf(block.replaceAll(/^```.*$/gm, '')).map(([, ...words]) => words.slice(0, 3).join(' '))).toEqual([
      'role assignment create',
      'ad signed-in-user show',
      'keyvault show --name',
    ])
    for (const wrong of [
      'az keyvault secret sett --name x',
      'az login --subscripton x',
      'az group delete -name x',
      'azd upp',
      'azd up --all',
      'npm run deploy',
      'npm run fuzz --seed 1',
      'npm run fuzz -- --sead 1',
      'MICETRO_RELEASE=10.5 npm strat',
      'infra/scripts/deploy.sh --previous old.zip',
      'infra/scripts/deploy.sh --packag new.zip',
      'infra/scripts/undeploy.sh',
      'terraform apply',
    ])
      expect(
        commandsOf(wrong).flatMap((words) => problemOf(words) ?? []),
        wrong,
      ).toHaveLength(1)
  })
})

describe('docs/deploy.md', () => {
  const guide = read('docs/deploy.md')
  const section = (title: string): string => guide.split(`# ${title}\n`)[1]?.split(/^#/m)[0] ?? ''
  const script = read('infra/scripts/deploy.sh')

  test.each([
    ['With azd', /^azd env set (\w+)/gm],
    ['With the Azure CLI', /(?:export |read -rs )?\b([A-Z][A-Z_]+)=/g],
  ])('%s: sets every variable that has no default', (title, pattern) => {
    const file = read('infra/main.bicepparam').replaceAll(/^ *\/\/.*$/gm, '')
    const needed = [...file.matchAll(/readEnvironmentVariable\('(\w+)'\)/g)].map(([, name]) => name)
    const set = [...section(title).matchAll(pattern)].map(([, name]) => name)
    expect(needed.length).toBeGreaterThan(3)
    expect(set).toEqual(expect.arrayContaining(needed))
  })

  test('names the least versions that the tools ask for', () => {
    const tools = read('infra/scripts/azureCli.sh')
    const least = (name: string) => new RegExp(`^least_${name}=(.*)$`, 'm').exec(tools)?.[1]
    const row = (name: string) => new RegExp(`^\\| .*${name}.*\\| +([\\d.]+) +\\|`, 'm').exec(guide)?.[1]
    expect(row('`az`')).toBe(least('az'))
    expect(row('`az bicep install`')).toBe(least('bicep'))
    expect(read('azure.yaml')).toContain(`azd: ">= ${row('`azd`')}"`)
  })

  test('quotes what deploy.sh says when something is in the way', () => {
    const quoted = [...guide.matchAll(/^(?:- )?`([^`]* [^`]*)`(?: at the end)?(?::| )/gm)].map(([, text = '']) => text)
    const messages = quoted.filter((text) => /^(\/health|Refused|Azure|…)/.test(text))
    expect(messages).toHaveLength(5)
    for (const part of messages.flatMap((text) => text.split('…'))) expect(script).toContain(part)
  })
})

test('the dev container has every tool that the guide asks for', () => {
  const { image, features, onCreateCommand } = JSON.parse(read('.devcontainer/devcontainer.json'))
  const least = Number(/(\d+)/.exec(JSON.parse(read('package.json')).engines.node)?.[1])
  expect(Number(/typescript-node:(\d+)/.exec(image)?.[1])).toBeGreaterThanOrEqual(least)
  const named = Object.entries(features).map(([name, options]) => [name.split('/').at(-1)?.split(':')[0], options])
  expect(Object.fromEntries(named)).toMatchObject({ 'azure-cli': { installBicep: true }, azd: {} })
  expect(onCreateCommand).toContain('shellcheck')
})
