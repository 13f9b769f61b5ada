import { describe, expect, it } from 'vitest'
import { Parking, parkedFor } from '../../shared/configuration/parking.ts'
import { Secret } from '../../shared/secret.ts'
import { failureIn } from '../failing.ts'
import { fakeClock } from '../outgoing/fakeClock.ts'

const configuration = { tenant_id: 'contoso.test', scope: ['User.Read'] }
const credential = new Secret('the-credential')

function parkingWithoutVault() {
  const clock = fakeClock()
  return { clock, parking: new Parking(undefined, 'candidate', clock) }
}

describe('A parked candidate', () => {
  it('is read whole by its version', async () => {
    const { parking } = parkingWithoutVault()
    const read = await parking.read(await parking.park({ configuration, credential }))
    expect(read.configuration).toEqual(configuration)
    expect(read.credential?.reveal()).toBe('the-credential')
    expect(JSON.stringify(read)).not.toContain('the-credential')
  })

  it('may leave the credential to the one that is there', async () => {
    const { parking } = parkingWithoutVault()
    const version = await parking.park({ configuration, credential: undefined })
    expect((await parking.read(version)).credential).toBeUndefined()
  })

  const gone: [name: string, make: (given: ReturnType<typeof parkingWithoutVault>, version: string) => unknown][] = [
    ['after 15 minutes', ({ clock }) => clock.pass(parkedFor + 1)],
    ['once it has been tried', ({ parking }, version) => parking.end(version)],
    ['when another one is tried', ({ parking }) => parking.endOthers('another')],
  ]
  it.each(gone)('is gone %s', async (_name, make) => {
    const given = parkingWithoutVault()
    const version = await given.parking.park({ configuration, credential })
    await make(given, version)
    expect(await failureIn(() => given.parking.read(version))).toEqual({ code: 'candidate_gone' })
  })

  it('serves for the whole of its 15 minutes, and others do not end it', async () => {
    const { clock, parking } = parkingWithoutVault()
    const version = await parking.park({ configuration, credential })
    await parking.endOthers(version)
    clock.pass(15 * 60_000)
    expect(await parking.read(version)).toMatchObject({ configuration })
  })

  it('is nothing that was not parked', async () => {
    const { parking } = parkingWithoutVault()
    for (const version of ['', 'nothing']) {
      expect(await failureIn(() => parking.read(version))).toEqual({ code: 'candidate_gone' })
    }
  })
})
