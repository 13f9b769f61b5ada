/** What the pages use of the Azure Developer CLI: commands and their options; arguments without a name may follow. */
export const azdCommands: Readonly<Record<string, readonly string[]>> = {
  'auth login': [],
  down: [],
  'env get-values': [],
  'env new': [],
  'env set': [],
  up: [],
}
