import { resolve } from 'node:path'
import { Bundles, type FreshCosts, inFreshProcesses } from './freshProcess.ts'
import { ms, table, times } from './table.ts'

/** The parts of the libraries that this application calls. */
const sdks = `
import { app } from '@azure/functions'
import { AzureCliCredential, ManagedIdentityCredential } from '@azure/identity'
import { SecretClient } from '@azure/keyvault-secrets'
import { ConfidentialClientApplication } from '@azure/msal-node'
import { Axios, AxiosError } from 'axios'
import { CompactEncrypt, compactDecrypt, createRemoteJWKSet, jwtVerify } from 'jose'
const loaded = [AzureCliCredential, ManagedIdentityCredential, SecretClient, ConfidentialClientApplication, Axios,
  AxiosError, CompactEncrypt, compactDecrypt, createRemoteJWKSet, jwtVerify]
app.http('sdks', { handler: () => ({ body: loaded.join() }) })`

/** What a fresh worker loads: our functions, every file of ours, and the bare SDKs, bundled alike. */
export async function coldLoads(repeat: number): Promise<FreshCosts> {
  const bundles = new Bundles()
  const load = resolve('test/bench/loadApp.ts')
  const programs = {
    functions: [load, resolve('.')],
    all: [load, resolve('.'), 'all'],
    sdks: [load, await bundles.addApp('sdks', sdks)],
  } as const
  const costs = await inFreshProcesses(programs, repeat)
  bundles.remove()
  return costs
}

export async function coldLoad(): Promise<string> {
  const { functions, all, sdks } = await coldLoads(9)
  if (functions === undefined || all === undefined || sdks === undefined) throw new Error('a program is missing')
  const row = (what: string, { cpu, wall }: typeof sdks) => ({
    'Cold load of': what,
    CPU: ms(cpu),
    time: ms(wall),
    'CPU / bare SDKs': times(cpu / sdks.cpu),
  })
  return table([
    row('the package, as the worker loads it', functions),
    row('every file of the package', all),
    row('the bare SDKs', sdks),
  ])
}
