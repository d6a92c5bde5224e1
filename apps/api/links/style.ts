/** Of the pages behind links. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ink: light-dark(#1c2024, #e8ebef);
  --quiet: light-dark(#59626d, #a2abb7);
  --ground: light-dark(#ffffff, #14171b);
  --line: light-dark(#d8dde3, #333a43);
  --accent: light-dark(#0b5cad, #8ac2ff);
  --on-accent: light-dark(#ffffff, #0d1a29);
}
* { box-sizing: border-box }
body { margin: 0; font: 16px/1.5 system-ui, -apple-system, 'Segoe UI', sans-serif; color: var(--ink); background: var(--ground) }
.bar { display: flex; gap: 1rem; align-items: center; padding: .5rem 1rem; border-bottom: 1px solid var(--line); min-height: 60px }
.name { font-weight: 700 }
main { max-width: 44rem; margin: 0 auto; padding: 1.5rem 1rem 5rem }
h1 { font-size: 1.5rem; line-height: 1.25; margin: .5rem 0 1rem }
form { max-width: 24rem }
a { color: var(--accent) }
button { min-height: 44px; padding: .5rem 1rem; font: inherit; font-weight: 600; cursor: pointer; color: var(--on-accent); background: var(--accent); border: 1px solid var(--accent); border-radius: 6px; margin-top: 1.25rem }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
.mail { padding: .75rem 0; border-top: 1px solid var(--line); border-bottom: 1px solid var(--line); margin: 1rem 0 }
.mail p { margin: .15rem 0; overflow-wrap: anywhere }
.name-shown { font-weight: 600 }
.quiet-text { color: var(--quiet) }
`
