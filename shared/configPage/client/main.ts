import { setUpAccessReview } from './accessReview.ts'
import { reportFailure } from './failureReport.ts'
import { setUpGroupLookup } from './groupLookup.ts'
import { setUpCancel } from './loading.ts'
import { Page } from './page.ts'
import { setUpPaste } from './pastePanel.ts'
import { setUpRedirectUri } from './redirectUri.ts'
import { restore } from './restoring.ts'
import { setUpSave } from './saving.ts'
import { setUpTest } from './testing.ts'
import { setUpTestSignIn } from './testSignIn.ts'
import { setUpUnlocking } from './unlocking.ts'
import { setUpUnsaved } from './unsaved.ts'

const page: Page = new Page((error) => reportFailure(page, error))
const { form } = page
page.restore = (version, when) => restore(page, version, when)

form.element.addEventListener('input', (event) => {
  form.markEdited(event.target)
  page.outdateTest()
})

setUpUnlocking(page)
setUpUnsaved(page)
setUpPaste(page)
setUpRedirectUri(form)
setUpGroupLookup(page)
setUpTest(page)
setUpSave(page)
setUpCancel(page)
setUpTestSignIn(page)
setUpAccessReview(page)
