import { spawnSync } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { azProblem } from '../infra/azCommands.ts'
import { azdCommands } from '../infra/azdCommands.ts'
import { canRunScripts } from '../infra/scriptRun.ts'

const read = (path: string): string => readFileSync(path, 'utf8')
const pages = ['README.md', ...globSync('docs/*.md'), '.github/CONTRIBUTING.md']

/** Programs of every shell, which no page explains. */
const common = ['cd', 'echo', 'export', 'git', 'openssl', 'printf', 'python3', 'read']

/** Splits a command line at blanks, as a shell does with quoted text. */
const wordsOf = (command: string): string[] => command.match(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g) ?? []

/** The commands of a text for a shell, those within others and in a row included; placeholders are one word. */
function commandsOf(text: string): string[][] {
  let rest = text
    .replaceAll(/<[A-Za-z][^<>()]*>/g, 'placeholder')
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

/** What is wrong with a command; undefined when everything in it exists. */
function problemOf([program = '', ...args]: string[]): string | undefined {
  const options = args.filter((each) => each.startsWith('--')).map((each) => each.replace(/=.*/, ''))
  const named = args.slice(0, args.findIndex((each) => each.startsWith('--')) >>> 0)
  if (program === 'az') return azProblem(named.join(' '), options)
  if (program === 'azd') {
    const command = Object.keys(azdCommands).find((each) => `${args.join(' ')} `.startsWith(`${each} `))
    if (command === undefined) return `azd ${args.join(' ')}`
    return options.find((each) => azdCommands[command]?.includes(each) !== true)
  }
  if (program === 'npm') {
    const script = args[0] === 'run' ? args[1] : args[0]
    const scripts: Record<string, string> = JSON.parse(read('package.json')).scripts
    return script === 'ci' || script === 'audit' || (script !== undefined && script in scripts)
      ? undefined
      : `npm ${args.join(' ')}`
  }
  if (/\.sh$/.test(program)) {
    const path = program.includes('/') ? program : `infra/scripts/${program}`
    if (!existsSync(path)) return `${path} is not there`
    const { stderr } = spawnSync('bash', [path], { encoding: 'utf8' })
    return options.find((each) => !stderr.includes(each))
  }
  return common.includes(program) ? undefined : `what is ${program}?`
}

describe.runIf(canRunScripts)('every command in a page exists, with its options', () => {
  test.each(pages)('%s', (page) => {
    const text = read(page)
    const blocks = [...text.matchAll(/^ *```sh\n([\s\S]*?)^ *```$/gm)].map(([, block = '']) => block)
    const spans = [...text.replaceAll(/^ *```[\s\S]*?^ *```$/gm, '').matchAll(/`([^`]+)`/g)]
      .map(([, span = '']) => span)
      .filter((span) => /^(?:az|azd|npm|[\w./]*\.sh) /.test(span))
    const commands = [...blocks, ...spans].flatMap(commandsOf)
    expect(commands.flatMap((words) => problemOf(words) ?? [])).toEqual([])
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
      'azd upp',
      'azd up --all',
      'npm run deploy',
      'infra/scripts/deploy.sh --previous old.zip',
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

  test('shows what deploy.sh prints', () => {
    const labels = (text: string) => [...text.matchAll(/^([A-Z][\w ,-]+):/gm)].map(([, label]) => label)
    const [, printed = ''] = script.split(/<<TEXT\n/)
    const shown = /```text\n([\s\S]*?)```/.exec(section('With the Azure CLI'))?.[1] ?? ''
    expect(labels(shown)).toEqual([...labels(printed.split('\nTEXT')[0] ?? ''), 'Deployed'])
    const quoted = [...guide.matchAll(/^(?:- )?`([^`]* [^`]*)`(?: at the end)?(?::| )/gm)].map(([, text = '']) => text)
    const messages = quoted.filter((text) => /^(\/health|Refused|Azure|…)/.test(text))
    expect(messages).toHaveLength(4)
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
