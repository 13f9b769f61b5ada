/** Options that every command of the Azure CLI takes. */
export const azGlobalOptions = ['--output', '--query', '--only-show-errors']

/**
 * What the scripts and the pages use of the Azure CLI: the commands and their options, as its help lists them. The
 * stand-in refuses anything else, and so does the test of the pages.
 */
export const azCommands: Readonly<Record<string, readonly string[]>> = {
  'account get-access-token': ['--resource'],
  'account set': ['--subscription'],
  'account show': [],
  'ad app credential reset': ['--append', '--cert', '--id'],
  'ad app delete': ['--id'],
  'ad signed-in-user show': [],
  'bicep install': [],
  'bicep upgrade': [],
  'bicep version': [],
  'cloud set': ['--name'],
  'cloud show': [],
  'deployment group create': ['--name', '--parameters', '--resource-group', '--template-file'],
  'deployment group show': ['--name', '--resource-group'],
  'deployment group what-if': ['--parameters', '--resource-group', '--validation-level'],
  'deployment sub create': ['--location', '--name', '--parameters'],
  'deployment sub show': ['--name'],
  'deployment sub what-if': ['--location', '--parameters', '--validation-level'],
  'functionapp deployment source config-zip': ['--name', '--resource-group', '--src'],
  'functionapp keys list': ['--name', '--resource-group'],
  'functionapp list-flexconsumption-locations': [],
  'functionapp restart': ['--name', '--resource-group'],
  'functionapp show': ['--name', '--resource-group'],
  'group create': ['--location', '--name'],
  'group delete': ['--name'],
  'keyvault certificate create': ['--name', '--policy', '--vault-name'],
  'keyvault certificate get-default-policy': [],
  'keyvault certificate show': ['--name', '--vault-name'],
  'keyvault recover': ['--name'],
  'keyvault secret set': ['--expires', '--file', '--name', '--value', '--vault-name'],
  'keyvault show': ['--name'],
  login: [],
  'provider register': ['--namespace'],
  'resource invoke-action': ['--action', '--ids'],
  rest: ['--body', '--headers', '--method', '--resource', '--uri'],
  'role assignment create': ['--assignee', '--role', '--scope'],
  'role definition create': ['--role-definition'],
  'role definition delete': ['--name', '--scope'],
  'role definition list': ['--custom-role-only'],
  'storage blob download': ['--account-name', '--auth-mode', '--container-name', '--file', '--name'],
  'storage blob exists': ['--account-name', '--auth-mode', '--container-name', '--name'],
  'storage blob upload': ['--account-name', '--auth-mode', '--container-name', '--file', '--name', '--overwrite'],
  upgrade: [],
  version: [],
}

/** What is wrong with a call of the Azure CLI; undefined when it knows command and options. */
export function azProblem(command: string, options: readonly string[]): string | undefined {
  const known = azCommands[command]
  if (known === undefined) return `'${command}' is misspelled or not recognized by the system.`
  const unknown = options.filter((each) => !known.includes(each) && !azGlobalOptions.includes(each))
  return unknown.length === 0 ? undefined : `${command}: unrecognized arguments: ${unknown.join(' ')}`
}
