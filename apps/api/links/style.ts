export const STYLE = `
:root {
  color-scheme: light dark;
  --ink: light-dark(#1c2024, #e8ebef);
  --quiet: light-dark(#59626d, #a2abb7);
  --ground: light-dark(#ffffff, #14171b);
  --line: light-dark(#d8dde3, #333a43);
  --accent: light-dark(#0b5cad, #8ac2ff);
  --on-accent: light-dark(#ffffff, #0d1a29);
  --amber: light-dark(#8a5300, #f2b84b);
  --green: light-dark(#17693a, #6fd39a);
  --blue: light-dark(#0b5cad, #8ac2ff);
  --red: light-dark(#a81e1e, #ff9b93);
}
* { box-sizing: border-box }
body { margin: 0; font: 16px/1.5 system-ui, -apple-system, 'Segoe UI', sans-serif; color: var(--ink); background: var(--ground) }
[hidden] { display: none !important }
.bar { display: flex; gap: 1rem; align-items: center; padding: .5rem 1rem; border-bottom: 1px solid var(--line); min-height: 60px }
.name { font-weight: 700 }
.who { margin-left: auto; color: var(--quiet); overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
main { max-width: 44rem; margin: 0 auto; padding: 1.5rem 1rem 5rem }
h1 { font-size: 1.5rem; line-height: 1.25; margin: .5rem 0 1rem }
form { max-width: 24rem }
label { display: block; margin-top: 1rem; font-weight: 600 }
input { width: 100%; min-height: 44px; padding: .5rem .75rem; font: inherit; color: inherit; background: transparent; border: 1px solid var(--quiet); border-radius: 6px }
button { min-height: 44px; padding: .5rem 1rem; font: inherit; font-weight: 600; cursor: pointer; color: var(--accent); background: transparent; border: 1px solid var(--accent); border-radius: 6px }
button.main { color: var(--on-accent); background: var(--accent) }
button.quiet { border-color: var(--line); color: var(--ink) }
button:disabled { opacity: .6; cursor: default }
form button { margin-top: 1.25rem }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
ul { list-style: none; margin: 0; padding: 0 }
.item { padding: 1.1rem .5rem; margin: 0 -.5rem; border-top: 1px solid var(--line) }
.item p { margin: .15rem 0; overflow-wrap: anywhere }
.head { display: flex; gap: 1rem; justify-content: space-between; color: var(--quiet); font-size: .9rem }
.state { font-weight: 600; color: var(--amber) }
.item.infected .state { color: var(--red) }
.item.waiting .state { color: var(--blue) }
.item.released .state { color: var(--green) }
.icon { display: inline-block; width: 1.4em }
.sender-name:not(:empty), .subject { font-weight: 600 }
.sender-name:not(:empty) { display: block }
.sender-address, .why { color: var(--quiet) }
.sender-name.false { text-decoration: line-through }
.acts { display: flex; flex-wrap: wrap; gap: .6rem; margin-top: .6rem }
.problem { color: var(--red) }
.result:empty, .problem:empty, #summary:empty { display: none }
.keys { margin-top: 2rem; color: var(--quiet); font-size: .85rem }
kbd { border: 1px solid var(--line); border-radius: 4px; padding: 0 .35em; font: inherit }
@media (pointer: coarse) { .keys { display: none } }
@media (prefers-reduced-motion: no-preference) { .item { transition: opacity .15s } }
`
