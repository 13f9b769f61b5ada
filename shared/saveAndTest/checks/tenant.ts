import { readMetadata } from '../../entra/endpoints.ts'
import { type Check, passed } from '../check.ts'

/** The tenant exists at the chosen cloud's authority, shown by its OpenID metadata. */
export const tenantCheck: Check = {
  name: 'tenant',
  needs: [],
  timeout: 10_000,
  async run({ candidate: { configuration }, metadata }) {
    const { answer } = await metadata()
    readMetadata(answer.status, answer.body, configuration)
    return passed(`${new URL(configuration.login).host} knows the tenant ${configuration.tenantId}.`)
  },
}
