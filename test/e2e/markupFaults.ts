interface Report {
  results: { messages: { ruleId: string; message: string; selector: string | null }[] }[]
}
interface Validator {
  validateString(markup: string): Promise<Report>
}

// By a name that the compiler does not look up: the package is a development tool that may be missing.
const packageName = 'html-validate'

const validator: Validator | undefined = await import(packageName).then(
  ({ HtmlValidate }: { HtmlValidate: new (config: object) => Validator }) =>
    new HtmlValidate({
      root: true,
      extends: ['html-validate:recommended', 'html-validate:a11y'],
      rules: {
        // How a browser writes its document out again is not how the page was written.
        'attribute-boolean-style': 'off',
        'attribute-empty-style': 'off',
        'doctype-style': 'off',
        'no-trailing-whitespace': 'off',
        'void-style': 'off',
      },
    }),
  () => undefined,
)
if (validator === undefined) console.warn('The markup of the pages is not validated: html-validate is not installed.')

/** What a validator finds in a page as it is now, by its recommended and accessibility rules. */
export async function findMarkupFaults(markup: string): Promise<string[]> {
  const { results = [] } = (await validator?.validateString(markup)) ?? {}
  return results.flatMap(({ messages }) =>
    messages.map(({ ruleId, message, selector }) => `${ruleId}: ${message} (${selector})`),
  )
}
