import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { parse, parseDocument } from 'yaml'
import { application, environment, kept, newBuild, oldBuild, outputs, zipOf } from './deployment.ts'
import { canRunScripts, type Workplace, workplace } from './scriptRun.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const scripts: unknown = JSON.parse(read('package.json')).scripts
const deployGuide = 'docs/deploy.md'

const text = v.pipe(v.string(), v.minLength(1))
const texts = v.record(v.string(), v.union([v.string(), v.number(), v.boolean()]))
const ownAgents = v.pipe(text, v.regex(/^\$\{\{ parameters\.pool \}\}$/))
const level = v.picklist(['read', 'write', 'none'])
const permissions = v.strictObject({
  contents: v.optional(level),
  'id-token': v.optional(level),
})

/** The part of GitHub's workflow syntax that is used here; a key that it does not know is an error. */
const workflowSchema = v.strictObject({
  name: text,
  on: v.strictObject({
    pull_request: v.nullable(v.strictObject({})),
    push: v.strictObject({ branches: v.array(text) }),
    workflow_dispatch: v.nullable(v.strictObject({})),
  }),
  permissions,
  concurrency: v.strictObject({ group: text, 'cancel-in-progress': v.union([v.boolean(), text]) }),
  env: texts,
  jobs: v.record(
    v.string(),
    v.strictObject({
      'runs-on': text,
      needs: v.optional(text),
      if: v.optional(text),
      environment: v.optional(text),
      permissions: v.optional(permissions),
      steps: v.array(
        v.union([
          v.strictObject({
            uses: text,
            with: v.optional(texts),
          }),
          v.strictObject({ name: v.optional(text), run: text, env: v.optional(texts) }),
        ]),
      ),
    }),
  ),
})

const stepSchema = v.union([
  v.strictObject({ script: text, env: v.optional(texts) }),
  v.strictObject({ task: v.pipe(text, v.regex(/^\w+@\d+$/)), inputs: texts }),
  v.strictObject({ publish: text, artifact: text }),
  v.strictObject({ download: text, artifact: text }),
  v.strictObject({ checkout: v.literal('self') }),
])
const steps = v.array(stepSchema)
const trigger = v.strictObject({ branches: v.strictObject({ include: v.array(text) }) })

/** The part of Azure Pipelines' schema that is used here. */
const azureSchema = v.strictObject({
  trigger,
  pr: trigger,
  parameters: v.array(v.strictObject({ name: text, displayName: text, type: text, default: texts })),
  pool: v.strictObject({ vmImage: text }),
  variables: v.array(v.union([v.strictObject({ group: text }), v.strictObject({ name: text, value: text })])),
  stages: v.array(
    v.strictObject({
      stage: v.pipe(text, v.regex(/^\w+$/)),
      dependsOn: v.optional(text),
      condition: v.optional(text),
      jobs: v.array(
        v.union([
          v.strictObject({ job: v.pipe(text, v.regex(/^\w+$/)), pool: v.optional(ownAgents), steps }),
          v.strictObject({
            deployment: text,
            environment: text,
            pool: ownAgents,
            strategy: v.strictObject({ runOnce: v.strictObject({ deploy: v.strictObject({ steps }) }) }),
          }),
        ]),
      ),
    }),
  ),
})

/** Commands of the steps, in order. */
function commands(all: readonly object[]): string[] {
  return all.flatMap((step) => {
    if ('run' in step) return [String(step.run)]
    if ('script' in step) return [String(step.script)]
    if ('inputs' in step && typeof step.inputs === 'object' && step.inputs !== null && 'inlineScript' in step.inputs)
      return [String(step.inputs.inlineScript)]
    return []
  })
}

function expectCommandsExist(lines: readonly string[]): void {
  for (const line of lines) {
    const script = /^npm (?:run )?([\w:]+)$/.exec(line)?.[1]
    if (script !== undefined && script !== 'ci') expect(scripts, line).toHaveProperty([script])
    const file = /infra\/scripts\/[\w.-]+/.exec(line)?.[0]
    if (file !== undefined) expect(existsSync(join(root, file)), file).toBe(true)
  }
}

/** Runs the commands of a pipeline against the stand-in for Azure, as a pipeline does: nobody but an identity signed in. */
async function expectToDeploy(
  whatIf: readonly string[],
  deploy: readonly string[],
  fill: (line: string, place: Workplace) => string,
  set: Record<string, string> = { ...environment },
): Promise<void> {
  await using app = await application([200, oldBuild], 200)
  using place = workplace({ outputs: outputs(app.url), blobs: kept })
  mkdirSync(place.path('package'))
  for (const file of ['package.zip', 'package/package.zip']) writeFileSync(place.path(file), zipOf(newBuild))
  const run = async (lines: readonly string[]) => {
    for (const line of lines) {
      const { code, err } = await place.step(fill(line, place), { ...set, AZURE_PRINCIPAL_ID: 'pipeline-id' })
      expect({ code, err }).toMatchObject({ code: 0 })
    }
    return place.calls().map(({ command }) => command)
  }
  const changes = /create$|config-zip$|upload$/
  expect((await run(whatIf)).filter((each) => changes.test(each))).toEqual([])
  expect((await run(deploy)).filter((each) => changes.test(each))).toEqual([
    'deployment sub create',
    'functionapp deployment source config-zip',
    'storage blob upload',
  ])
}

const gates = [
  'npm ci',
  'npm audit --omit=dev --omit=optional',
  'npm run check',
  'npm test',
  'npm run infra:check',
  'npm run package',
]

describe('GitHub workflow', () => {
  const path = '.github/workflows/deploy.yml'
  const source = read(path)
  const workflow = v.parse(workflowSchema, parse(source))
  const { build, 'what-if': whatIf, deploy } = workflow.jobs

  test('is YAML without a warning', () => {
    const { errors, warnings } = parseDocument(source, { strict: true, uniqueKeys: true })
    expect([...errors, ...warnings]).toEqual([])
  })

  test('builds once, behind every gate', () => {
    expect(commands(build?.steps ?? [])).toEqual(gates)
    expect(whatIf?.needs).toBe('build')
    expect(deploy?.needs).toBe('build')
    expect(commands([...(whatIf?.steps ?? []), ...(deploy?.steps ?? [])]).join()).not.toContain('npm')
  })

  test('keeps the bill of materials with the package that it is of', () => {
    const [upload] = build?.steps.filter((step) => 'uses' in step && step.uses.includes('/upload-artifact@')) ?? []
    expect(upload).toMatchObject({ with: { path: 'package.zip\npackage.cdx.json\n', 'if-no-files-found': 'error' } })
  })

  test('runs only what is there', () => {
    for (const job of Object.values(workflow.jobs)) expectCommandsExist(commands(job.steps))
  })

  test('signs in by federation, and holds no secret', () => {
    expect(source).not.toMatch(/secrets\.|client-secret|creds:/)
    for (const job of Object.values(workflow.jobs)) {
      const signsIn = job.steps.some((step) => 'uses' in step && step.uses.startsWith('azure/login@'))
      expect(job.permissions?.['id-token'] === 'write').toBe(signsIn)
    }
    expect(workflow.permissions).toEqual({ contents: 'read' })
  })

  test('shows changes on pull requests, and deploys from main only', () => {
    expect(whatIf?.if).toContain("github.event_name == 'pull_request'")
    expect(whatIf?.if).toContain('head.repo.full_name == github.repository')
    expect(commands(whatIf?.steps ?? []).join()).toContain('--what-if')
    expect(deploy?.if).toContain("github.event_name != 'pull_request'")
    expect(deploy?.if).toContain("github.ref == 'refs/heads/main'")
    expect(commands(deploy?.steps ?? []).at(-1)).toMatch(/--package \S+/)
    expect(build?.['runs-on']).toBe('ubuntu-latest')
    for (const job of [whatIf, deploy])
      expect(job?.['runs-on']).toMatch(/^\$\{\{ vars\.RUNNER \|\| 'ubuntu-latest' \}\}$/)
  })

  test('the code of a pull request never meets the identity that deploys', () => {
    const job = (name: string, next: string) => source.split(`\n  ${name}:\n`)[1]?.split(`\n  ${next}:\n`)[0] ?? ''
    expect(job('what-if', 'deploy')).not.toContain('vars.AZURE_CLIENT_ID')
    expect(whatIf?.if).toContain("vars.AZURE_WHAT_IF_CLIENT_ID != ''")
    expect(job('what-if', 'deploy')).toMatch(/client-id: .* vars\.AZURE_WHAT_IF_CLIENT_ID /)
    expect(job('deploy', 'none')).toMatch(/client-id: .* vars\.AZURE_CLIENT_ID /)
    expect([whatIf?.environment, deploy?.environment]).toEqual(['what-if', 'production'])
  })

  test('every expression is closed and reads a context that exists', () => {
    expect(source.match(/\$\{\{/g)?.length).toBe(source.match(/\}\}/g)?.length)
    for (const [, body = ''] of source.matchAll(/\$\{\{(.*?)\}\}/g)) {
      for (const [, context] of body.replaceAll(/'[^']*'/g, '').matchAll(/\b([a-z]+)\.\w/g))
        expect(['github', 'vars']).toContain(context)
    }
  })

  test.runIf(canRunScripts)('its steps deploy, and show what would change', async () => {
    const expression = /^\$\{\{ vars\.\w+(?: \|\| '([^']*)')? \}\}$/
    const defaults = Object.entries(workflow.env).map(([name, text]) => [
      name,
      expression.exec(String(text))?.[1] ?? '',
    ])
    const set = { ...Object.fromEntries(defaults), ...environment }
    await expectToDeploy(commands(whatIf?.steps ?? []), commands(deploy?.steps ?? []), (line) => line, set)
  })

  test('every action is pinned to a commit, and says which release that is', () => {
    const lines = source.match(/uses:.*/g) ?? []
    expect(lines.length).toBeGreaterThan(6)
    for (const line of lines) expect(line).toMatch(/^uses: [\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/)
  })

  test('hands on every variable that deploy.sh or a parameter file reads, and no secret', () => {
    const files = globSync('infra/*.bicepparam', { cwd: root }).map(read)
    const inFiles = files.flatMap((text) => [...text.matchAll(/readEnvironmentVariable\('(\w+)'/g)])
    const inScript = read('infra/scripts/deploy.sh').matchAll(/\$\{([A-Z]\w+):?-/g)
    const names = new Set([...inFiles, ...inScript].map(([, name = '']) => name))
    const own = ['MICETRO_API_PASSWORD', 'DEPLOY_WAIT_SECONDS']
    expect(names.size).toBeGreaterThan(12)
    expect([...names].filter((name) => !own.includes(name) && !(name in workflow.env))).toEqual([])
  })

  test('every variable is in the guide', () => {
    for (const [, name = ''] of source.matchAll(/vars\.(\w+)/g)) expect(read(deployGuide)).toContain(`\`${name}\``)
  })
})

describe('Azure pipeline', () => {
  const source = read('infra/azure-pipelines.yml')
  const pipeline = v.parse(azureSchema, parse(source))
  const stage = (name: string) => pipeline.stages.find((each) => each.stage === name)
  const stepsOf = (name: string) =>
    (stage(name)?.jobs ?? []).flatMap((job) => ('steps' in job ? job.steps : job.strategy.runOnce.deploy.steps))

  test('is YAML without a warning', () => {
    const { errors, warnings } = parseDocument(source, { strict: true, uniqueKeys: true })
    expect([...errors, ...warnings]).toEqual([])
  })

  test('does what the GitHub workflow does', () => {
    expect(commands(stepsOf('build'))).toEqual(gates)
    expect(stepsOf('build').flatMap((step) => ('publish' in step ? [step.publish] : []))).toEqual([
      'package.zip',
      'package.cdx.json',
    ])
    expect(commands(stepsOf('what_if')).join()).toContain('--what-if')
    expect(commands(stepsOf('deploy')).join()).toMatch(/--package \S+/)
    for (const { stage: name, dependsOn } of pipeline.stages) {
      expectCommandsExist(commands(stepsOf(name)))
      if (dependsOn !== undefined) expect(stage(dependsOn)).toBeDefined()
    }
  })

  test('shows changes on pull requests, and deploys from main only', () => {
    expect(stage('what_if')?.condition).toContain("eq(variables['Build.Reason'], 'PullRequest')")
    expect(stage('deploy')?.condition).toContain("ne(variables['Build.Reason'], 'PullRequest')")
    expect(stage('deploy')?.condition).toContain("eq(variables['Build.SourceBranch'], 'refs/heads/main')")
  })

  test('signs in by a service connection, and holds no secret', () => {
    expect(source).not.toMatch(/servicePrincipalKey|clientSecret|password/i)
    const connections = (name: string) =>
      stepsOf(name).flatMap((each) => ('task' in each ? [each.inputs.azureSubscription ?? []].flat() : []))
    expect(connections('what_if')).toEqual(['$(whatIfServiceConnection)'])
    expect(connections('deploy')).toEqual(['$(serviceConnection)'])
    const named = pipeline.variables.flatMap((each) => ('name' in each ? [[each.name, each.value]] : []))
    const { serviceConnection, whatIfServiceConnection } = Object.fromEntries(named)
    expect(whatIfServiceConnection).not.toBe(serviceConnection)
  })

  test("keeps the session of the deployment active, and can run on agents of one's own", () => {
    const [task] = stepsOf('deploy').filter((each) => 'task' in each)
    expect(task).toMatchObject({ inputs: { keepAzSessionActive: true } })
    expect(pipeline.parameters.map(({ name }) => name)).toEqual(['pool'])
  })

  test.runIf(canRunScripts)('its steps deploy, and show what would change', async () => {
    const named = pipeline.variables.flatMap((each) => ('name' in each ? [[each.name, each.value]] : []))
    await expectToDeploy(commands(stepsOf('what_if')), commands(stepsOf('deploy')), (line, place) => {
      const macros: Record<string, string> = { ...Object.fromEntries(named), 'Pipeline.Workspace': place.path('') }
      return line.replaceAll(/\$\(([\w.]+)\)/g, (_, name: string) => macros[name] ?? `no variable ${name}`)
    })
  })
})
