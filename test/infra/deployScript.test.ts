import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { canRunScripts, clouds, type Workplace, workplace } from './scriptRun.ts'

const infra = fileURLToPath(new URL('../../infra/', import.meta.url))
const environment = {
  AZURE_LOCATION: 'westeurope',
  MICETRO_API_URLS: 'https://micetro.example.com/mmws/api',
  MICETRO_API_USER: 'entra-sign-in',
  MICETRO_WEB_URL: 'https://micetro.example.com/',
}

type Answer = number | 'down'

/** Answers /health with one status after the other, the last one for ever; `down` is the platform's own 503. */
function application(...answers: Answer[]): Promise<Application> {
  return applicationThat(() => (answers.length > 1 ? answers.shift() : answers[0]) ?? 'down')
}

type Application = { url: string } & AsyncDisposable

async function applicationThat(answers: () => Answer): Promise<Application> {
  const server = createServer((request, response) => {
    const answer = answers()
    if (request.url === '/health' && answer !== 'down') {
      response.writeHead(answer, { 'x-content-type-options': 'nosniff' }).end()
    } else {
      response.writeHead(503).end('Function host is not running.')
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

function outputs(url: string, plan = 'FC1'): Record<string, string> {
  return {
    resourceGroupName: 'rg-micetro',
    site: 'func-micetro',
    centralSite: '',
    plan,
    storageName: 'storage',
    appUrl: url,
    redirectUri: `${url}/mmws/auth_cb/microsoft`,
    centralCallbackUrl: 'https://central.example.com/mmws/auth_cb/microsoft',
    credentialInUse: 'managed-identity',
    identityPrincipalId: 'identity-principal-id',
    centralUrl: `${url}/central/auth_cb`,
    vaultName: 'kv-micetro',
    clientId: 'client-id',
  }
}

function packages(place: Workplace): string[] {
  for (const name of ['new.zip', 'old.zip']) writeFileSync(place.path(name), name)
  return ['--package', place.path('new.zip'), '--previous', place.path('old.zip')]
}

const published = (place: Workplace): string[] =>
  place
    .calls()
    .filter((each) => /config-zip|blob upload/.test(each.command))
    .map(
      (each) =>
        `${each.command.split(' ').at(-1)} ${each.args
          .find((arg) => arg.endsWith('.zip') && arg !== 'app.zip')
          ?.split('/')
          .at(-1)}`,
    )

describe.runIf(canRunScripts)('deploy.sh', () => {
  const commercial = ['--parameters', `${infra}main.bicepparam`]
  const government = ['--parameters', `${infra}main.usgov.bicepparam`]

  test('shows what would change, and changes nothing', async () => {
    using place = workplace({ first: true })
    const { code, err } = await place.run('deploy.sh', [...commercial, '--what-if'], environment)
    expect({ code, err }).toEqual({ code: 0, err: '' })
    const calls = place.calls()
    expect(calls.map((each) => each.command)).toEqual(['deployment sub show', 'deployment sub what-if'])
    expect(calls.at(-1)?.args.slice(-2)).toEqual(['--validation-level', 'ProviderNoRbac'])
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
    await place.run('registration.sh', ['--unique-name', 'micetro-sign-in-micetro-sign-in'])
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

  test('deploys resources and package, and looks at /health', async () => {
    await using app = await application('down', 200)
    using place = workplace({ outputs: outputs(app.url), user: 'user-id', first: true })
    const { code, out } = await place.run('deploy.sh', [...commercial, ...packages(place)], environment)
    expect(code).toBe(0)
    expect(out).toMatch(/^Vault: +kv-micetro$/m)
    expect(out).toMatch(/^Identity, object id: +identity-principal-id$/m)
    expect(out).toMatch(new RegExp(`^Deployed: ${app.url}\n$`, 'm'))
    expect(published(place)).toEqual(['config-zip new.zip'])
    expect(place.calls().find((each) => each.command === 'deployment sub create')?.method).toBe('user-id')
    expect(place.calls().some((each) => each.command === 'rest')).toBe(false)
  })

  test('goes back to the package before when /health is not well, and says so', async () => {
    await using app = await application(200, 500)
    using place = workplace({ outputs: outputs(app.url) })
    const { code, err } = await place.run('deploy.sh', [...commercial, ...packages(place)], environment)
    expect(code).toBe(1)
    expect(published(place)).toEqual(['config-zip new.zip', 'config-zip old.zip'])
    expect(err).toContain('going back to the one before')
  })

  test('a 503 of the platform is a failure, whatever was before', async () => {
    await using app = await application('down')
    using place = workplace({ outputs: outputs(app.url) })
    const { code } = await place.run('deploy.sh', [...commercial, ...packages(place)], environment)
    expect(code).toBe(1)
  })

  test('a Micetro that was out of reach before is no fault of the package', async () => {
    await using app = await application(503)
    using place = workplace({ outputs: outputs(app.url) })
    const { code } = await place.run('deploy.sh', [...commercial, ...packages(place)], environment)
    expect(code).toBe(0)
    expect(published(place)).toEqual(['config-zip new.zip'])
  })

  test('what the resources themselves break counts, because the look before comes before them', async () => {
    using place = workplace()
    const created = () => place.calls().some((each) => each.command === 'deployment sub create')
    await using app = await applicationThat(() => (created() ? 503 : 200))
    place.change({ outputs: outputs(app.url) })
    const { code } = await place.run('deploy.sh', [...commercial, ...packages(place)], environment)
    expect(code).toBe(1)
    expect(published(place)).toEqual(['config-zip new.zip', 'config-zip old.zip'])
  })

  test('a first deployment may find Micetro out of reach', async () => {
    await using app = await application(503)
    using place = workplace({ outputs: outputs(app.url), first: true })
    const { code } = await place.run('deploy.sh', [...commercial, ...packages(place)], environment)
    expect(code).toBe(0)
    expect(published(place)).toEqual(['config-zip new.zip'])
  })

  test('a dependency that fails with the new package counts', async () => {
    await using app = await application(200, 503)
    using place = workplace({ outputs: outputs(app.url) })
    const { code } = await place.run('deploy.sh', [...commercial, ...packages(place)], environment)
    expect(code).toBe(1)
  })

  test('tries again while a new role assignment is not in force', async () => {
    await using app = await application(200)
    using place = workplace({ outputs: outputs(app.url), refusals: 1 })
    const { code } = await place.run('deploy.sh', [...commercial, ...packages(place)], environment)
    expect(code).toBe(0)
    expect(published(place)).toEqual(['config-zip new.zip', 'config-zip new.zip'])
  })

  test('other plans get their package by storage and a restart', async () => {
    await using app = await application(200)
    using place = workplace({ outputs: outputs(app.url, 'EP1') })
    await place.run('deploy.sh', [...commercial, ...packages(place)], environment)
    const commands = place.calls().map((each) => each.command)
    expect(commands.slice(-4)).toEqual([
      'storage blob upload',
      'functionapp restart',
      'functionapp show',
      'resource invoke-action',
    ])
  })

  test('an upload that fails is not followed by a restart', async () => {
    await using app = await application(200)
    using place = workplace({ outputs: outputs(app.url, 'EP1'), refusals: 9 })
    const { code } = await place.run('deploy.sh', [...commercial, ...packages(place)], environment)
    expect(code).toBe(1)
    expect(place.calls().some((each) => each.command === 'functionapp restart')).toBe(false)
  })

  test("Central's own site gets the same package", async () => {
    await using app = await application(200)
    using place = workplace({ outputs: { ...outputs(app.url), centralSite: 'func-central' } })
    await place.run('deploy.sh', [...commercial, ...packages(place)], environment)
    const sites = place
      .calls()
      .filter((each) => each.command.endsWith('config-zip'))
      .map((each) => each.args[each.args.indexOf('--name') + 1])
    expect(sites).toEqual(['func-micetro', 'func-central'])
  })

  test('where the template has no registration it is made before, and completed after', async () => {
    await using app = await application(200)
    using place = workplace({ cloud: clouds.usgov, outputs: outputs(app.url, 'EP1') })
    const { code, err } = await place.run('deploy.sh', [...government, ...packages(place)], {
      ...environment,
      REGISTRATION_OPTIONS: '--assignment-required --owner owner-id',
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
    expect(Object.values(owners)).toEqual([['owner-id'], ['owner-id']])
  })

  test('a registration of another team is left alone', async () => {
    await using app = await application(200)
    using place = workplace({ outputs: outputs(app.url, 'EP1') })
    const given = { ...environment, ENTRA_CLIENT_ID: 'client-id-of-another-team' }
    await place.run('deploy.sh', [...government, ...packages(place)], given)
    expect(place.calls().some((each) => each.command === 'rest')).toBe(false)
  })

  test('refuses to start without a location or with a package that is not there', async () => {
    using place = workplace()
    expect((await place.run('deploy.sh', commercial, { ...environment, AZURE_LOCATION: '' })).code).not.toBe(0)
    expect((await place.run('deploy.sh', [...commercial, '--package', 'none.zip'], environment)).code).toBe(1)
    expect(place.calls()).toEqual([])
  })
})
