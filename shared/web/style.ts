/** The style of all pages: system fonts, dark and light by the reader's own setting. */
export const style = `
:root {
  color-scheme: light dark;
  --ground: light-dark(#f3f5f8, #12161c);
  --sheet: light-dark(#ffffff, #1b2129);
  --inset: light-dark(#f8fafc, #171c23);
  --text: light-dark(#1a2330, #e6ebf2);
  --soft: light-dark(#556070, #a3afbf);
  --line: light-dark(#d5dbe3, #343d49);
  --edge: light-dark(#7c8898, #6f7d90);
  --accent: light-dark(#0b5cad, #7cb8ff);
  --on-accent: light-dark(#ffffff, #0b1a2b);
  --good: light-dark(#176638, #6fd597);
  --bad: light-dark(#ad1f2d, #ff9aa2);
  --warn: light-dark(#7a4d00, #f2c063);
  --good-ground: light-dark(#eaf6ee, #17281f);
  --bad-ground: light-dark(#fdeff0, #2f1c20);
  --warn-ground: light-dark(#fdf5e4, #2b2416);
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body {
  margin: 0;
  padding: clamp(1rem, 4vw, 3rem) 1rem;
  background: var(--ground);
  color: var(--text);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
}
main {
  max-width: 36rem;
  margin: 0 auto;
  padding: clamp(1.25rem, 4vw, 2.5rem);
  background: var(--sheet);
  border: 1px solid var(--line);
  border-radius: 0.75rem;
}
main.wide { max-width: 54rem; }
h1 { margin: 0 0 1.25rem; font-size: 1.45rem; line-height: 1.3; text-wrap: balance; }
h2 { margin: 2rem 0 0.75rem; font-size: 1.1rem; line-height: 1.35; }
p { margin: 0 0 1rem; overflow-wrap: break-word; }
a { color: var(--accent); }
.soft { color: var(--soft); font-size: 0.9rem; }
.said { margin: 0.5rem 0 0; color: var(--good); font-size: 0.9rem; }
.said:empty { margin: 0; }
.note { margin: 0.35rem 0 0; color: var(--soft); font-size: 0.875rem; overflow-wrap: anywhere; }
.fault { margin: 0.35rem 0 0; color: var(--bad); font-size: 0.9rem; font-weight: 600; overflow-wrap: anywhere; }
.mark { margin: 0 0 1.25rem; color: var(--soft); font-size: 0.85rem; letter-spacing: 0.02em; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
code { font-family: ui-monospace, "Cascadia Code", Menlo, monospace; font-size: 0.9em; overflow-wrap: anywhere; }
.button, button {
  display: inline-block;
  padding: 0.6rem 1.2rem;
  border: 1px solid var(--accent);
  border-radius: 0.5rem;
  background: var(--accent);
  color: var(--on-accent);
  font: inherit;
  font-weight: 600;
  text-decoration: none;
  cursor: pointer;
}
.button:hover, button:hover { filter: brightness(1.08); }
button.plain, .button.plain { background: transparent; color: var(--accent); }
button.quiet { background: transparent; border-color: transparent; color: var(--accent); }
button.small { padding: 0.3rem 0.8rem; font-size: 0.9rem; }
button:disabled, button[aria-disabled="true"] { opacity: 0.55; cursor: default; filter: none; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
label { font-weight: 600; }
input, textarea, select { font: inherit; color: inherit; }
input:not([type="checkbox"], [type="radio"]), textarea, select {
  display: block;
  width: 100%;
  min-height: 2.75rem;
  padding: 0.5rem 0.75rem;
  border: 1px solid var(--edge);
  border-radius: 0.5rem;
  background: var(--sheet);
}
textarea { font-family: ui-monospace, "Cascadia Code", Menlo, monospace; font-size: 0.875rem; resize: vertical; }
::placeholder { color: var(--soft); opacity: 1; }
[aria-invalid="true"]:not([type="checkbox"], [type="radio"]) { border: 2px solid var(--bad); }
input[type="checkbox"], input[type="radio"] { flex: none; width: 1.1rem; height: 1.1rem; margin: 0.25rem 0 0; accent-color: var(--accent); }
.choice { display: inline-flex; gap: 0.6rem; align-items: flex-start; font-weight: 400; cursor: pointer; }
.label .choice { font-weight: 600; }
.notice { margin: 1rem 0; padding: 0.85rem 1rem; border-left: 4px solid var(--accent); border-radius: 0.35rem; background: var(--inset); overflow-wrap: anywhere; }
.notice > :first-child { margin-top: 0; }
.notice > :last-child { margin-bottom: 0; }
.notice h2 { margin: 0 0 0.35rem; font-size: 1rem; }
.notice p { margin: 0 0 0.6rem; }
.notice ul { margin: 0.35rem 0 0.6rem; padding-left: 1.2rem; }
.notice.good { border-color: var(--good); background: var(--good-ground); }
.notice.warn { border-color: var(--warn); background: var(--warn-ground); }
.notice.bad { border-color: var(--bad); background: var(--bad-ground); }
dl { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 0.25rem 1rem; margin: 1.5rem 0 0; padding-top: 1rem; border-top: 1px solid var(--line); font-size: 0.9rem; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
.steps { display: flex; flex-wrap: wrap; gap: 0.75rem; }
@media (max-width: 30rem) {
  dl { grid-template-columns: minmax(0, 1fr); gap: 0; }
  dd { margin-bottom: 0.6rem; }
}
`
