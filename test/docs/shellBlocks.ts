/** The blocks of a page that are typed into a shell. */
export const shellBlocks = (page: string): string[] =>
  [...page.matchAll(/^ *```sh\n([\s\S]*?)^ *```$/gm)].map(([, block = '']) => block)

/** What a reader replaces, `<id>` say, as one word. */
export const filled = (commands: string): string => commands.replaceAll(/<[A-Za-z][^<>()]*>/g, 'placeholder')
