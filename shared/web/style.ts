/** The one style sheet of all pages: system fonts, dark and light by the reader's own setting. */
export const style = `
:root {
  color-scheme: light dark;
  --ground: light-dark(#f3f5f8, #12161c);
  --sheet: light-dark(#ffffff, #1b2129);
  --text: light-dark(#1a2330, #e6ebf2);
  --soft: light-dark(#556070, #a3afbf);
  --line: light-dark(#d5dbe3, #343d49);
  --accent: light-dark(#0b5cad, #7cb8ff);
  --on-accent: light-dark(#ffffff, #0b1a2b);
  --good: light-dark(#176638, #6fd597);
  --bad: light-dark(#ad1f2d, #ff9aa2);
  --warn: light-dark(#7a4d00, #f2c063);
}
* { box-sizing: border-box; }
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
main.wide { max-width: 52rem; }
h1 { margin: 0 0 0.75rem; font-size: 1.45rem; line-height: 1.3; }
h2 { margin: 2rem 0 0.75rem; font-size: 1.1rem; }
p { margin: 0 0 1rem; }
a { color: var(--accent); }
.soft { color: var(--soft); font-size: 0.9rem; }
.mark { margin: 0 0 1.25rem; color: var(--soft); font-size: 0.85rem; letter-spacing: 0.02em; }
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
button.plain { background: transparent; color: var(--accent); }
button:disabled { opacity: 0.55; cursor: default; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
dl { display: grid; grid-template-columns: auto 1fr; gap: 0.25rem 1rem; margin: 1.5rem 0 0; padding-top: 1rem; border-top: 1px solid var(--line); font-size: 0.9rem; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
`
