import type { SaveAnswer } from '../../saveAndTest/saveAndTest.ts'
import { type Candidate, type ConfigurationAnswer, call, type EarlierAnswer, Refusal } from './api.ts'
import { byId, makeButton } from './dom.ts'
import { ConfigForm } from './form.ts'
import { showHistory } from './history.ts'
import { hideNotice, showNotice, showProblems, showRefusal } from './notice.ts'
import { mergePasted, PasteError, readPasted } from './pasted.ts'
import { Results } from './results.ts'
import { runChecks, saveAndTestPath } from './runChecks.ts'

const form = new ConfigForm()
const results = new Results()
const app = byId('app', HTMLElement)
const unlockForm = byId('unlock-form', HTMLFormElement)
const keyField = byId('access-key', HTMLInputElement)
const summary = byId('summary', HTMLElement)
const confirmation = byId('save-despite-confirm', HTMLInputElement)
const testSignInLink = byId('test-sign-in-link', HTMLAnchorElement)

/** The access key lives here and nowhere else: leaving the page forgets it. */
let key = ''
let loaded: ConfigurationAnswer | undefined
/** The newest version that this page knows of; a save over a newer one is refused by the server. */
let readVersion: string | null = null
/** What the last failed test was about: only that may be saved despite it. */
let failedCandidate: Candidate | undefined
/** The one operation that is under way. */
let running: AbortController | undefined
let ended: Promise<void> = Promise.resolve()

const sourceNames: Record<string, string> = {
  saved: 'saved',
  file: 'from ext_auth_conf.json',
  setting: 'from app settings',
  default: 'default',
}

function lock(message: string): void {
  running?.abort()
  key = ''
  loaded = undefined
  app.hidden = true
  form.fill({}, () => undefined)
  results.clear()
  showHistory({ history: [], version: null }, () => undefined)
  byId('paste', HTMLTextAreaElement).value = ''
  offerSaveDespite(undefined)
  closeTestSignIn()
  summary.textContent = ''
  hideNotice()
  unlockForm.hidden = false
  byId('unlock-message', HTMLElement).textContent = message
  keyField.focus()
}

/** Shows what went wrong; a key that is not accepted any more locks the page. */
function report(error: unknown): void {
  if (error instanceof DOMException && error.name === 'AbortError') return
  if (!(error instanceof Refusal)) throw error
  if (error.status === 401) {
    lock('This access key was not accepted.')
  } else if (error.code === 'save_conflict') {
    showNotice({
      tone: 'warn',
      title: 'Somebody else saved the configuration meanwhile. Nothing was changed.',
      lines: ['Reload to see what is in force now. What you changed in the form is lost then, so note it first.'],
      button: reloadButton(),
    })
  } else if (error.problems.length > 0) {
    showProblems(error.message, error.problems, form)
  } else {
    showRefusal(error)
  }
}

function reloadButton(): HTMLButtonElement {
  const button = makeButton('Reload', 'plain', () => {
    void start(async (signal) => {
      await reload(signal)
      summary.textContent = 'The configuration in force was loaded.'
    })
  })
  button.id = 'reload'
  return button
}

const buttons = (): HTMLButtonElement[] =>
  ['test', 'save', 'save-despite', 'test-sign-in', 'unlock', 'paste-apply'].map((id) => byId(id, HTMLButtonElement))

/** Runs one operation at a time. Its buttons stay focusable, so that the keyboard does not lose its place. */
async function start(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  if (running !== undefined) return
  ended = operate(work)
  await ended
}

async function operate(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const own = new AbortController()
  running = own
  app.setAttribute('aria-busy', 'true')
  for (const button of buttons()) button.setAttribute('aria-disabled', 'true')
  try {
    await work(own.signal)
  } catch (error) {
    report(error)
  } finally {
    running = undefined
    app.removeAttribute('aria-busy')
    for (const button of buttons()) button.removeAttribute('aria-disabled')
    markUnsavable()
  }
}

function markUnsavable(): void {
  const canSave = loaded?.canSave ?? false
  byId('cannot-save', HTMLElement).hidden = loaded === undefined || canSave
  if (!canSave) byId('save', HTMLButtonElement).setAttribute('aria-disabled', 'true')
}

async function reload(signal: AbortSignal): Promise<void> {
  show(await call<ConfigurationAnswer>(key, 'GET', '/config/microsoft', undefined, signal))
}

function show(answer: ConfigurationAnswer): void {
  loaded = answer
  readVersion = answer.version
  form.fill(answer.configuration, (name) => sourceNames[answer.sources[name] ?? ''])
  showHistory(answer, loadEarlier)
  results.clear()
  offerSaveDespite(undefined)
  hideNotice()
  if (answer.problems !== undefined && answer.problems.length > 0) {
    const lines = answer.problems
    showNotice({ tone: 'warn', title: 'The configuration is not complete yet. Sign-in does not work.', lines }, false)
  }
}

function loadEarlier(version: string): void {
  void start(async (signal) => {
    const path = `/config/microsoft?version=${encodeURIComponent(version)}`
    const { configuration } = await call<EarlierAnswer>(key, 'GET', path, undefined, signal)
    form.fill(configuration, (name) => (name in configuration ? 'from the earlier version' : undefined))
    results.stale(true)
    offerSaveDespite(undefined)
    showNotice({
      tone: 'warn',
      title: 'An earlier version is in the form. It is not in force until you save it.',
      lines: ['It names the client credential that it was saved with.'],
    })
  })
}

/** @returns undefined when the form has faults of its own, which are shown then */
function readForm(): Candidate | undefined {
  hideNotice()
  form.clearFaults()
  const { candidate, problems } = form.read()
  if (problems.length === 0) return candidate
  showProblems('The form cannot be sent like this.', problems, form)
  return undefined
}

/** @returns whether no check failed */
async function test(candidate: Candidate, signal: AbortSignal): Promise<boolean> {
  const names = loaded?.checks ?? []
  byId('results-section', HTMLElement).hidden = false
  results.begin(names)
  summary.textContent = `Testing: ${names.length} checks.`
  try {
    await runChecks(key, candidate, names, results, signal)
  } catch (error) {
    results.clear()
    summary.textContent = 'The test was not completed.'
    throw error
  }
  results.end()
  summary.textContent = `${results.failed ? 'The test failed' : 'The test passed'}: ${results.counts}.`
  return !results.failed
}

async function save(candidate: Candidate, despiteFailures: boolean, signal: AbortSignal): Promise<void> {
  const tested = results.counts
  summary.textContent = 'Saving…'
  let answer: SaveAnswer
  try {
    answer = await call<SaveAnswer>(
      key,
      'POST',
      saveAndTestPath,
      { ...candidate, save: true, version: readVersion, ...(despiteFailures && { saveDespiteFailures: true }) },
      signal,
    )
  } catch (error) {
    summary.textContent = `Not saved. The test gave: ${tested}.`
    throw error
  }
  results.begin(answer.checks.map(({ name }) => name))
  for (const check of answer.checks) results.show(check)
  results.end()
  if (!answer.saved) {
    summary.textContent = `Not saved: ${results.counts}.`
    // A write that failed is not mended by waving the checks through.
    if (!answer.checks.some(({ name }) => name === 'save')) offerSaveDespite(candidate)
    return
  }
  offerSaveDespite(undefined)
  await showSaved(answer.version ?? null, candidate, signal)
  const instances = 'Every instance uses it within a minute.'
  summary.textContent = despiteFailures
    ? `Saved despite failures: ${results.counts}. ${instances}`
    : `Saved: ${results.counts}. ${instances}`
}

/** Another instance may still answer with the version before, so what was saved is asked for by its version. */
async function showSaved(version: string | null, candidate: Candidate, signal: AbortSignal): Promise<void> {
  form.clearCredential()
  readVersion = version
  const path = `/config/microsoft?version=${encodeURIComponent(version ?? '')}`
  const [answer, saved] = await Promise.all([
    call<ConfigurationAnswer>(key, 'GET', '/config/microsoft', undefined, signal).catch(() => undefined),
    call<EarlierAnswer>(key, 'GET', path, undefined, signal).catch(() => undefined),
  ])
  if (answer?.version === version && answer !== undefined) {
    loaded = answer
    form.fill(answer.configuration, (name) => sourceNames[answer.sources[name] ?? ''])
  } else {
    // Without an answer the version of the new credential is not known, and the old one must not come back.
    const { credential_version: _, ...rest } = candidate.configuration
    form.fill(saved?.configuration ?? rest, () => sourceNames.saved)
  }
  if (answer !== undefined) showHistory({ history: answer.history, version }, loadEarlier)
}

function offerSaveDespite(candidate: Candidate | undefined): void {
  failedCandidate = candidate
  confirmation.checked = false
  byId('save-despite-section', HTMLElement).hidden = candidate === undefined
}

function closeTestSignIn(): void {
  testSignInLink.removeAttribute('href')
  byId('test-sign-in-ready', HTMLElement).hidden = true
}

function onClick(id: string, act: () => void): void {
  byId(id, HTMLButtonElement).addEventListener('click', (event) => {
    if (event.currentTarget instanceof HTMLElement && event.currentTarget.getAttribute('aria-disabled') === 'true')
      return
    act()
  })
}

unlockForm.addEventListener('submit', (event) => {
  event.preventDefault()
  const message = byId('unlock-message', HTMLElement)
  message.textContent = ''
  const given = keyField.value.trim()
  if (given === '') {
    message.textContent = 'Enter the access key.'
    keyField.focus()
    return
  }
  void start(async (signal) => {
    try {
      const answer = await call<ConfigurationAnswer>(given, 'GET', '/config/microsoft', undefined, signal)
      key = given
      keyField.value = ''
      unlockForm.hidden = true
      app.hidden = false
      summary.textContent = ''
      show(answer)
      byId('application-heading', HTMLElement).focus()
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      message.textContent =
        error.status === 401
          ? 'This access key was not accepted. Copy the function key again, without spaces.'
          : [error.message, error.hint, error.reference && `Reference: ${error.reference}`].filter(Boolean).join(' ')
      keyField.focus()
    }
  })
})

form.element.addEventListener('submit', (event) => event.preventDefault())
form.element.addEventListener('input', (event) => {
  form.markEdited(event.target)
  results.stale(true)
  offerSaveDespite(undefined)
})

onClick('test', () => {
  const candidate = readForm()
  if (candidate === undefined) return
  offerSaveDespite(undefined)
  void start(async (signal) => {
    await test(candidate, signal)
  })
})

onClick('save', () => {
  const candidate = readForm()
  if (candidate === undefined) return
  offerSaveDespite(undefined)
  void start(async (signal) => {
    if (await test(candidate, signal)) {
      await save(candidate, false, signal)
    } else {
      summary.textContent = `Not saved, because a check failed: ${results.counts}.`
      offerSaveDespite(candidate)
    }
  })
})

onClick('save-despite', () => {
  const candidate = failedCandidate
  if (candidate === undefined) return
  if (!confirmation.checked) {
    confirmation.focus()
    return
  }
  hideNotice()
  void start((signal) => save(candidate, true, signal))
})

onClick('cancel', () => {
  // A test under way is given up; its operation ends first, and then this one begins.
  running?.abort()
  void ended.then(() =>
    start(async (signal) => {
      await reload(signal)
      summary.textContent = 'Your changes were discarded. The configuration in force was loaded.'
    }),
  )
})

onClick('test-sign-in', () => {
  hideNotice()
  closeTestSignIn()
  void start(async (signal) => {
    const { location } = await call<{ location: string }>(
      key,
      'POST',
      '/config/microsoft/test-sign-in',
      undefined,
      signal,
    )
    // A link that the reader follows: windows that open by themselves are blocked.
    if (!/^https?:\/\//.test(location)) throw new Refusal(502, { message: 'The server gave no address.' })
    testSignInLink.href = location
    byId('test-sign-in-ready', HTMLElement).hidden = false
    testSignInLink.focus()
  })
})
// The attempt is good for one sign-in.
testSignInLink.addEventListener('click', () => {
  setTimeout(() => {
    closeTestSignIn()
    byId('test-sign-in', HTMLButtonElement).focus()
  })
})

onClick('paste-apply', () => {
  const area = byId('paste', HTMLTextAreaElement)
  const message = byId('paste-message', HTMLElement)
  const fault = byId('paste-fault', HTMLElement)
  message.textContent = ''
  fault.hidden = true
  area.removeAttribute('aria-invalid')
  try {
    const { configuration, credential } = readPasted(area.value)
    const merged = mergePasted(form.read().candidate.configuration, configuration)
    const taken = new Set(Object.keys(configuration))
    const before = loaded?.sources ?? {}
    form.fill(merged, (name) => (taken.has(name) ? 'pasted, not saved yet' : sourceNames[before[name] ?? '']))
    if (credential !== undefined) form.putCredential(credential)
    // It holds the credential.
    area.value = ''
    results.stale(true)
    offerSaveDespite(undefined)
    message.textContent = `Filled in: ${[...taken, ...(credential === undefined ? [] : ['client credential'])].join(', ')}. Test it, then save.`
  } catch (error) {
    if (!(error instanceof PasteError)) throw error
    fault.textContent = error.message
    fault.hidden = false
    area.setAttribute('aria-invalid', 'true')
    area.focus()
  }
})

const suggestedRedirect = `${location.origin}/mmws/auth_cb/microsoft`
byId('redirect_uri-suggested', HTMLElement).textContent = suggestedRedirect
onClick('redirect_uri-use', () => {
  form.redirectUri = suggestedRedirect
  byId('redirect_uri', HTMLInputElement).focus()
})
onClick('redirect_uri-copy', () => {
  const field = byId('redirect_uri', HTMLInputElement)
  const said = byId('redirect_uri-copied', HTMLElement)
  const text = form.redirectUri === '' ? suggestedRedirect : form.redirectUri
  const failed = (): void => {
    field.select()
    said.textContent = 'Press Ctrl+C to copy.'
  }
  // Only a secure page has a clipboard.
  if (navigator.clipboard === undefined) failed()
  else
    navigator.clipboard.writeText(text).then(() => {
      said.textContent = 'Copied.'
    }, failed)
})

onClick('lock', () => lock('The page is locked; the access key was forgotten.'))

const fillKey = document.getElementById('fill-key')
fillKey?.addEventListener('click', () => {
  keyField.value = document.getElementById('local-key')?.textContent ?? ''
  byId('unlock', HTMLButtonElement).focus()
})

// A page that the back button brings out of the browser's memory would come back unlocked.
addEventListener('pageshow', (event) => {
  if (event.persisted) location.reload()
})
