import { describe, expect, test } from 'vitest'
import { type Bom, billOfBundle, packageFolders, writeBill } from '../../infra/scripts/sbom.ts'

const component = (name: string, version: string) => ({ 'bom-ref': `${name}@${version}`, name, version })
const bom: Bom = {
  bomFormat: 'CycloneDX',
  metadata: { component: { 'bom-ref': 'app@1.0.0', name: 'folder' } },
  components: [component('jose', '6.0.0'), component('agent-base', '6.0.0'), component('agent-base', '7.0.0')],
  dependencies: [
    { ref: 'app@1.0.0', dependsOn: ['jose@6.0.0', 'agent-base@6.0.0'] },
    { ref: 'agent-base@6.0.0', dependsOn: ['jose@6.0.0'] },
    { ref: 'jose@6.0.0', dependsOn: [] },
  ],
}

describe('The bill of materials of a bundle', () => {
  test('has what is in the bundle, in its version, and nothing else that is installed', () => {
    const bill = billOfBundle(bom, ['agent-base@7.0.0', 'jose@6.0.0'], { name: 'app' })
    expect(bill.components.map((each) => each['bom-ref'])).toEqual(['jose@6.0.0', 'agent-base@7.0.0'])
    expect(bill.dependencies).toEqual([
      { ref: 'app@1.0.0', dependsOn: ['jose@6.0.0'] },
      { ref: 'jose@6.0.0', dependsOn: [] },
    ])
    expect(bill.metadata.component.name).toBe('app')
  })

  test('is not written when something in the bundle is not in the lock file', () => {
    expect(() => billOfBundle(bom, ['jose@6.0.1'], {})).toThrow('not in package-lock.json: jose@6.0.1')
  })

  test('takes a package from wherever it lies, scoped and nested ones too', () => {
    const files = ['node_modules/a/x.js', 'node_modules/a/y.js', 'node_modules/@s/b/node_modules/c/z.js', 'shared/x.ts']
    expect(packageFolders(files)).toEqual(['node_modules/@s/b/node_modules/c', 'node_modules/a'])
  })

  test('names the build, and each package with its licence and hash', () => {
    const { text, components } = writeBill(['node_modules/jose/dist/webapi/index.js', 'shared/secret.ts'], 'the-build')
    const bill: Bom = JSON.parse(text)
    expect(components).toBe(1)
    expect(bill.metadata.component).toMatchObject({
      name: 'micetro-entra-sign-in',
      type: 'application',
      version: expect.stringMatching(/^\d+\.\d+\.\d+\+the-build$/),
    })
    expect(bill.components).toMatchObject([
      { name: 'jose', purl: expect.stringMatching(/^pkg:npm\/jose@/), hashes: [{ alg: 'SHA-512' }], licenses: [{}] },
    ])
  })
})
