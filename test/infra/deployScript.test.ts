import { writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import {
  type Answer,
  application,
  applicationThat,
  environment,
  kept,
  newBuild,
  oldBuild,
  outputs,
  packageOf,
  zipOf,
} from './deployment.ts'
import type { FakeCall } from './fakeAz.ts'
import { canRunScripts, clouds, type Workplace, workplace } from './scriptRun.ts'

const infra = fileURLToPath(new URL('../../infra/', import.meta.url))
const fileOf = ({ args }: FakeCall): string => args[args.findIndex((each) => /^--(src|file)$/.test(each)) + 1] ?? ''
const commands = (place: Workplace): string[] => place.calls().map((each) => each.command)

/** Packages that went to a function app, in order. */
const published = (place: Workplace): string[] =>
  place
    .calls()
    .filter(({ command, args }) => command.endsWith('config-zip') || args.includes('app.zip'))
    .map((each) => `${each.command.split(' ').at(-1)} ${basename(fileOf(each))}`)

describe.runIf(canRunScripts)('deploy.sh', () => {
  const commercial = ['--parameters', `${infra}main.bicepparam`]
  const government = ['--parameters', `${infra}main.usgov.bicepparam`]

  test('shows what would change, and changes nothing', async () => {
    using place = workplace({ first: true })
    const { code, err } = await place.run('deploy.sh', [...commercial, '--what-if'], environment)
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(commands(place)).toEqual([
      'version',
      'bicep version',
      'deployment sub show',
      'functionapp list-flexconsumption-locations',
      'deployment sub what-if',
    ])
    expect(place.calls().at(-1)?.args.slice(-2)).toEqual(['--validation-level', 'ProviderNoRbac'])
  })

  test.each([
    [
      'the Azure CLI is too old',
      { az: '2.45.0', bicep: '0.38.33' },
      'The Azure CLI is 2.45.0, and 2.76.0 is the least',
    ],
    ['the Azure CLI is old by a hair', { az: '2.75.9', bicep: '0.38.33' }, 'The Azure CLI is 2.75.9'],
    ['Bicep is too old', { az: '3.0.0', bicep: '0.37.4' }, 'Bicep is 0.37.4, and 0.38.0 is the least'],
    ['Bicep is not there and cannot be had', { az: '2.80.1', bicep: '' }, 'Bicep is not installed, and "az'],
  ])('%s: one sentence, and nothing else is done', async (_, versions, sentence) => {
    using place = workplace({ versions, failing: ['bicep install'] })
    const { code, err } = await place.run('deploy.sh', [...commercial, ...packageOf(place)], environment)
    const own = err
      .trim()
      .split('\n')
      .filter((line) => !line.startsWith('ERROR: '))
    expect({ code, lines: own.length }).toEqual({ code: 1, lines: 1 })
    expect(err).toContain(sentence)
    expect(commands(place).filter((each) => !/version$|^bicep/.test(each))).toEqual([])
  })

  test('a pipeline that begins without Bicep gets it', async () => {
    using place = workplace({ versions: { az: '2.76.0', bicep: '' }, first: true })
    expect((await place.run('deploy.sh', [...commercial, '--what-if'], environment)).code).toBe(0)
    expect(commands(place).slice(1, 4)).toEqual(['bicep version', 'bicep install', 'bicep version'])
  })

  test('warns of a region that Azure does not list for Flex Consumption, and does as it is told', async () => {
    using place = workplace({ regions: ['East US', 'West Europe'], first: true })
    const run = (location: string, parameters = commercial) =>
      place.run('deploy.sh', [...parameters, '--what-if'], {
        ...environment,
        AZURE_LOCATION: location,
        ENTRA_CLIENT_ID: 'client-id',
      })
    expect((await run('westeurope')).err).toBe('')
    expect(await run('northpole')).toMatchObject({ code: 0, err: expect.stringContaining('(FC1) for northpole') })
    expect((await run('usgovvirginia', government)).err).toBe('')
  })

  test('what-if takes the registration that is there, and says so where there is none', async () => {
    using place = workplace({ cloud: clouds.usgov, first: true })
    const whatIf = async () => {
      const { err } = await place.run('deploy.sh', [...government, '--what-if'], environment)
      const calls = place.calls()
      expect(calls.filter((each) => each.command === 'rest').map((each) => each.method)).toEqual(['GET'])
      place.forgetCalls()
      return { err, clientId: calls.at(-1)?.uri }
    }
    expect(await whatIf()).toEqual({
      err: expect.stringContaining('No registration was found'),
      clientId: '00000000-0000-0000-0000-000000000000',
    })
    await place.run('registration.sh', [
      '--unique-name',
      `micetro-sign-in-micetro-sign-in-${place.state().subscription}`,
    ])
    place.forgetCalls()
    expect(await whatIf()).toEqual({ err: '', clientId: 'client-id-of-the-registration' })
  })

  test.each([
    ['main.bicepparam', 'MICETRO_API_URLS'],
    ['main.bicepparam', 'MICETRO_API_USER'],
    ['main.usgov.bicepparam', 'MICETRO_WEB_URL'],
    ['main.registered.bicepparam', 'ENTRA_CLIENT_ID'],
  ])('%s without %s is not deployed, and what is missing is named', async (file, missing) => {
    using place = workplace()
    const given = { ...environment, [missing]: '' }
    const { code, err } = await place.run('deploy.sh', ['--parameters', `${infra}${file}`], given)
    expect(code).toBe(1)
    expect(err).toMatch(new RegExp(`has no default: ${missing}\n$`))
    expect(place.calls()).toEqual([])
  })

  test('warns when the callback of Central would be taken away', async () => {
    using place = workplace({ outputs: outputs('') })
    const callback = 'https://central.example.com/mmws/auth_cb/microsoft'
    const without = await place.run('deploy.sh', [...commercial, '--what-if'], environment)
    expect(without.err).toContain(`takes away ${callback}`)
    const given = { ...environment, CENTRAL_CALLBACK_URL: callback }
    expect((await place.run('deploy.sh', [...commercial, '--what-if'], given)).err).toBe('')
  })

  test('a first deployment puts up resources and package, looks at /health and keeps the package', async () => {
    await using app = await application('down', 'down', 200)
    using place = workplace({ outputs: outputs(app.url), user: 'user-id', first: true })
    const { code, out } = await place.run('deploy.sh', [...commercial, ...packageOf(place)], environment)
    expect(code).toBe(0)
    expect(out).toMatch(/^Vault: +kv-micetro$/m)
    expect(out).toMatch(/^Identity, object id: +identity-principal-id$/m)
    expect(out).toMatch(new RegExp(`^Deployed: ${app.url}\n$`, 'm'))
    expect(published(place)).toEqual(['config-zip new.zip'])
    expect(place.calls().find((each) => each.command === 'deployment sub create')?.method).toBe('user-id')
    expect(place.calls().some((each) => each.command === 'rest')).toBe(false)
    expect(place.state().blobs).toEqual({ 'last-good.zip': zipOf(newBuild) })
  })

  test('a second one goes back to the package that was kept when /health is not well, and says so', async () => {
    using place = workplace({ blobs: kept })
    await using app = await applicationThat(() => (published(place).at(-1)?.includes('new') ? 500 : [200, oldBuild]))
    place.change({ outputs: outputs(app.url), user: 'user-id' })
    const { code, err } = await place.run('deploy.sh', [...commercial, ...packageOf(place)], environment)
    expect(code).toBe(1)
    expect(published(place)).toEqual(['config-zip new.zip', 'config-zip last-good.zip'])
    expect(err).toContain('going back to the one before')
    expect(err).toContain('The package before is in place again')
    expect(place.state().blobs).toEqual(kept)
  })

  test.each([
    ['keeps none yet', {}, 'No package is kept yet'],
    ['cannot be read', { failing: ['storage blob exists'] }, 'cannot be read from here'],
  ])('says so when there is nothing to go back to, because storage %s', async (_, state, sentence) => {
    await using app = await application([200, oldBuild], 500)
    using place = workplace({ outputs: outputs(app.url), ...state })
    const { code, err } = await place.run('deploy.sh', [...commercial, ...packageOf(place)], environment)
    expect(code).toBe(1)
    expect(published(place)).toEqual(['config-zip new.zip'])
    expect(err).toContain(sentence)
    expect(err).toContain('there is none to go back to')
  })

  test('waits for the new build while the one before still answers', async () => {
    await using app = await application([200, oldBuild], [200, oldBuild], [503, oldBuild], [200, newBuild])
    using place = workplace({ outputs: outputs(app.url) })
    const { code, err } = await place.run('deploy.sh', [...commercial, ...packageOf(place)], environment)
    expect(code).toBe(0)
    expect(err.match(/but not from the new build/g)).toHaveLength(2)
  })

  test('a build before that answers for ever is a failure', async () => {
    await using app = await application([200, oldBuild])
    using place = workplace({ outputs: outputs(app.url) })
    expect((await place.run('deploy.sh', [...commercial, ...packageOf(place)], environment)).code).toBe(1)
  })

  test('a package of earlier days, which names no build, is taken by any answer', async () => {
    await using app = await application([200, oldBuild])
    using place = workplace({ outputs: outputs(app.url) })
    writeFileSync(place.path('nameless.zip'), 'PK')
    const args = [...commercial, '--package', place.path('nameless.zip')]
    expect((await place.run('deploy.sh', args, environment)).code).toBe(0)
  })

  const wasWell: Answer = [200, oldBuild]
  test.each([
    ['a 503 of the platform is a failure, whatever was before', ['down'], 1],
    ['a Micetro that was out of reach before is no fault of the package', [[503, oldBuild], 503], 0],
    ['a dependency that fails with the new package counts', [wasWell, 503], 1],
    ['an instance that does not know yet is asked again', [wasWell, 'unknown', 'unknown', 200], 0],
    ['an instance that never knows is a failure', [wasWell, 'unknown'], 1],
    [
      'before the deployment, too: a dependency that fails with the new package counts',
      [['unknown', oldBuild], wasWell, 503],
      1,
    ],
  ] satisfies [string, Answer[], number][])('%s', async (_, answers, expected) => {
    await using app = await application(...answers)
    using place = workplace({ outputs: outputs(app.url) })
    const { code } = await place.run('deploy.sh', [...commercial, ...packageOf(place)], environment)
    expect(code).toBe(expected)
    expect(published(place)).toEqual(['config-zip new.zip'])
  })

  test('tells what /health lacks although people get in', async () => {
    const lacks = ['graph: graph_unreachable (ENOTFOUND)', 'sign-in started here: ok, but see graph']
    const well = ['micetro: ok', ...lacks, 'sign-in started by Central: not configured, see CENTRAL_CALLBACK_URL']
    await using app = await application([200, newBuild, ...well, `build: ${newBuild}`])
    using place = workplace({ outputs: outputs(app.url) })
    const { code, err } = await place.run('deploy.sh', [...commercial, ...packageOf(place)], environment)
    expect(code).toBe(0)
    expect(err.match(/(?<=^Warning: \/health says ).*$/gm)).toEqual(lacks)
  })

  test('what the resources themselves break counts, because the look before comes before them', async () => {
    using place = workplace({ blobs: kept })
    const created = () => commands(place).includes('deployment sub create')
    await using app = await applicationThat(() => (created() ? 503 : wasWell))
    place.change({ outputs: outputs(app.url) })
    const { code } = await place.run('deploy.sh', [...commercial, ...packageOf(place)], environment)
    expect(code).toBe(1)
    expect(published(place)).toEqual(['config-zip new.zip', 'config-zip last-good.zip'])
  })

  test('a first deployment may find Micetro out of reach', async () => {
    await using app = await application(503)
    using place = workplace({ outputs: outputs(app.url), first: true })
    const { code } = await place.run('deploy.sh', [...commercial, ...packageOf(place)], environment)
    expect(code).toBe(0)
    expect(published(place)).toEqual(['config-zip new.zip'])
  })

  const noRole = 'You do not have the required permissions needed to perform this operation.'
  test.each([
    ['is refused for five minutes, because a role is new', { times: 30, message: noRole }, 31, 0],
    ['is refused for good', { times: 999, message: 'Operation returned an invalid status: Forbidden (403)' }, 61, 1],
    ['fails by chance', { times: 2, message: 'Connection reset' }, 3, 0],
    ['fails for good', { times: 9, message: 'Connection reset' }, 3, 1],
    ['is kept out by the network', { times: 9, message: `${noRole} It may be blocked by network rules.` }, 1, 1],
  ])('a package that %s', { timeout: 60_000 }, async (_, refusals, attempts, expected) => {
    await using app = await application(200)
    using place = workplace({ outputs: outputs(app.url, 'EP1'), refusals })
    const { code } = await place.run('deploy.sh', [...commercial, ...packageOf(place)], environment)
    expect({ code, attempts: published(place).length }).toEqual({ code: expected, attempts })
    expect(commands(place).filter((each) => each === 'functionapp restart')).toHaveLength(expected === 0 ? 1 : 0)
  })

  test('other plans get their package by storage and a restart, and their triggers once the application is well', async () => {
    await using app = await application(200)
    using place = workplace({ outputs: outputs(app.url, 'EP1'), user: 'user-id' })
    await place.run('deploy.sh', [...commercial, ...packageOf(place)], environment)
    expect(commands(place).slice(-5)).toEqual([
      'storage blob upload',
      'functionapp restart',
      'functionapp show',
      'resource invoke-action',
      'storage blob upload',
    ])
  })

  test.each([
    ['synchronise its triggers', 'resource invoke-action', 'were not synchronised'],
    ['name its resource', 'functionapp show', 'were not synchronised'],
  ])('a host that does not %s is worth a warning', async (_, command, sentence) => {
    await using app = await application(200)
    using place = workplace({ outputs: outputs(app.url, 'EP1'), failing: [command], blobs: kept })
    const { code, err } = await place.run('deploy.sh', [...commercial, ...packageOf(place)], environment)
    expect(code).toBe(0)
    expect(err).toContain(sentence)
    expect(published(place)).toEqual(['upload new.zip'])
  })

  test('a pipeline asks for the token of the storage account while it still gets one', async () => {
    await using app = await application(200)
    using place = workplace({ outputs: outputs(app.url, 'EP1') })
    const given = { ...environment, AZURE_PRINCIPAL_ID: 'pipeline-id' }
    expect((await place.run('deploy.sh', [...commercial, ...packageOf(place)], given)).code).toBe(0)
    expect(place.state().blobs).toHaveProperty(['last-good.zip'])
    const order = commands(place)
    expect(order.indexOf('account get-access-token')).toBeLessThan(order.indexOf('deployment sub show'))
  })

  test('says that the package is not kept where nobody has the right to', async () => {
    await using app = await application(200)
    using place = workplace({ outputs: outputs(app.url) })
    const { code, err } = await place.run('deploy.sh', [...commercial, ...packageOf(place)], environment)
    expect({ code, err }).toMatchObject({ code: 0, err: expect.stringContaining('AZURE_PRINCIPAL_ID is not set') })
    expect(place.state().blobs).toEqual({})
  })

  test("a host name of one's own may come later: the name that Azure gives is looked at", async () => {
    await using app = await application(200)
    const named = { ...outputs(app.url), appUrl: 'http://127.0.0.1:1' }
    using place = workplace({ outputs: named, first: true, blobs: kept })
    const first = await place.run('deploy.sh', [...commercial, ...packageOf(place)], environment)
    expect(first.code).toBe(0)
    expect(first.err).toContain('http://127.0.0.1:1 does not lead to the application yet')
    const second = await place.run('deploy.sh', [...commercial, ...packageOf(place)], environment)
    expect(second.code).toBe(0)
    expect(published(place)).toEqual(['config-zip new.zip', 'config-zip new.zip'])
    place.change({ outputs: { ...named, appUrl: app.url.replace('127.0.0.1', 'localhost') } })
    expect((await place.run('deploy.sh', [...commercial, ...packageOf(place)], environment)).err).not.toContain('lead')
  })

  test("Central's own site gets the same package", async () => {
    await using app = await application(200)
    using place = workplace({ outputs: { ...outputs(app.url, 'EP1'), centralSite: 'func-central' } })
    await place.run('deploy.sh', [...commercial, ...packageOf(place)], environment)
    const calls = place.calls()
    const sites = (command: string) =>
      calls.filter((each) => each.command === command).map(({ args }) => args[args.indexOf('--name') + 1])
    expect(sites('functionapp restart')).toEqual(['func-micetro', 'func-central'])
    expect(sites('functionapp show')).toEqual(['func-micetro', 'func-central'])
  })

  test('a template for a resource group goes into the one that is named', async () => {
    await using app = await application(200)
    using place = workplace({ outputs: outputs(app.url) })
    writeFileSync(place.path('own.bicep'), 'param location string\n')
    writeFileSync(place.path('own.bicepparam'), "using 'own.bicep'\n")
    const own = ['--parameters', place.path('own.bicepparam')]
    expect((await place.run('deploy.sh', own, environment)).err).toMatch(/no default: AZURE_RESOURCE_GROUP\n$/)
    const given = { ...environment, AZURE_RESOURCE_GROUP: 'rg-of-ours' }
    expect((await place.run('deploy.sh', [...own, '--what-if'], given)).code).toBe(0)
    expect((await place.run('deploy.sh', [...own, ...packageOf(place)], given)).code).toBe(0)
    const deployments = place.calls().filter(({ command }) => command.startsWith('deployment'))
    expect([...new Set(deployments.map(({ command }) => command))].sort()).toEqual([
      'deployment group create',
      'deployment group show',
      'deployment group what-if',
    ])
    for (const { args } of deployments) expect(args[args.indexOf('--resource-group') + 1]).toBe('rg-of-ours')
  })

  test('on Windows lines end otherwise, and arguments reach az as they are', async () => {
    await using app = await application(200)
    using place = workplace({ cloud: clouds.usgov, outputs: outputs(app.url, 'EP1'), windows: true, blobs: kept })
    // Git Bash has this program, which says how Windows writes a path.
    writeFileSync(place.path('cygpath'), '#!/bin/sh\necho "/$2"\n', { mode: 0o755 })
    const { code, err } = await place.run('deploy.sh', [...government, ...packageOf(place)], {
      ...environment,
      CENTRAL_CALLBACK_URL: 'https://central.example.com/mmws/auth_cb/microsoft',
    })
    expect({ code, err }).toMatchObject({ code: 0 })
    expect(place.calls().filter(({ verbatim }) => verbatim !== true)).toEqual([])
    const paths = place
      .calls()
      .flatMap(({ args }) => args.filter((each) => each.startsWith('/') && /zip$|param$/.test(each)))
    expect(paths.length).toBeGreaterThan(2)
    for (const path of paths) expect(path).toMatch(/^\/\//)
    expect(JSON.stringify(place.calls())).not.toContain('\\r')
    expect(JSON.stringify(place.state().applications)).not.toContain('\\r')
  })

  test('where the template has no registration it is made before, and completed after', async () => {
    await using app = await application(200)
    using place = workplace({ cloud: clouds.usgov, outputs: outputs(app.url, 'EP1') })
    const { code, err } = await place.run('deploy.sh', [...government, ...packageOf(place)], {
      ...environment,
      REGISTRATION_OPTIONS: '--assignment-required',
      REGISTRATION_OWNERS: 'owner-id,pipeline-id',
    })
    expect({ code, err }).toMatchObject({ code: 0 })
    const calls = place.calls()
    const deployed = calls.findIndex((each) => each.command === 'deployment sub create')
    expect(calls[deployed]?.uri).toBe('client-id-of-the-registration')
    expect(calls.slice(0, deployed).some((each) => each.method === 'PATCH')).toBe(true)
    const { applications, federated, grants, owners } = place.state()
    expect(Object.values(applications)).toMatchObject([
      {
        groupMembershipClaims: 'ApplicationGroup',
        web: {
          redirectUris: [`${app.url}/mmws/auth_cb/microsoft`, 'https://central.example.com/mmws/auth_cb/microsoft'],
        },
      },
    ])
    expect(Object.values(federated)).toMatchObject([{ subject: 'identity-principal-id' }])
    expect(grants).toHaveLength(1)
    expect(Object.values(owners)).toEqual(Array(2).fill(['owner-id', 'pipeline-id']))
  })

  test('installations of one name in a tenant have a registration each', async () => {
    using place = workplace({ cloud: clouds.usgov, first: true })
    writeFileSync(place.path('own.bicep'), 'param location string\n')
    writeFileSync(
      place.path('own.bicepparam'),
      "using 'own.bicep'\nparam entraClientId = readEnvironmentVariable('ENTRA_CLIENT_ID', '')\n",
    )
    const own = ['--parameters', place.path('own.bicepparam')]
    const installations: [string, string[], string][] = [
      ['subscription-one', government, ''],
      ['subscription-two', government, ''],
      ['subscription-one', own, 'rg-one'],
      ['subscription-one', own, 'rg-two'],
    ]
    for (const [subscription, parameters, group] of installations) {
      place.change({ subscription })
      await place.run('deploy.sh', [...parameters, '--what-if'], { ...environment, AZURE_RESOURCE_GROUP: group })
    }
    // What is looked for here is what a deployment makes: it is the same name.
    const asked = place.calls().flatMap(({ uri }) => /uniqueName='([^']*)'/.exec(uri ?? '')?.[1] ?? [])
    const name = (subscription: string) => `micetro-sign-in-micetro-sign-in-${subscription}`
    expect(asked).toEqual([
      name('subscription-one'),
      name('subscription-two'),
      expect.stringMatching(`^${name('subscription-one')}-\\d+$`),
      expect.stringMatching(`^${name('subscription-one')}-\\d+$`),
    ])
    expect(new Set(asked).size).toBe(installations.length)
  })

  test('a registration of another team is left alone', async () => {
    await using app = await application(200)
    using place = workplace({ outputs: outputs(app.url, 'EP1') })
    const given = { ...environment, ENTRA_CLIENT_ID: 'client-id-of-another-team' }
    await place.run('deploy.sh', [...government, ...packageOf(place)], given)
    expect(place.calls().some((each) => each.command === 'rest')).toBe(false)
  })

  test('refuses to start without a location or with a package that is not there', async () => {
    using place = workplace()
    expect((await place.run('deploy.sh', commercial, { ...environment, AZURE_LOCATION: '' })).code).not.toBe(0)
    expect((await place.run('deploy.sh', [...commercial, '--package', 'none.zip'], environment)).code).toBe(1)
    expect(place.calls()).toEqual([])
  })
})
