/** Plain browser code, kept as text: it is not part of the server's program. */
export const SCRIPT = String.raw`
const $ = (id) => document.getElementById(id)
const api = '/api/v1'
let csrf = null
let me = null
let next = null

async function ask(verb, path, body) {
  const headers = { Accept: 'application/json' }
  if (body !== undefined) headers['Content-Type'] = 'application/json'
  if (csrf !== null) headers['X-CSRF-Token'] = csrf
  if (verb === 'POST') headers['Idempotency-Key'] = crypto.randomUUID()
  let response
  try {
    response = await fetch(api + path, { method: verb, headers, credentials: 'same-origin', body: body === undefined ? undefined : JSON.stringify(body) })
  } catch {
    throw new Error('Mailkeep can not be reached. Nothing was changed; try again when the connection is back.')
  }
  if (response.status === 204) return null
  const answer = await response.json()
  if (!response.ok) {
    const error = new Error(answer.status >= 500 ? answer.detail + ' Id for your administrator: ' + answer.id : answer.detail)
    error.status = response.status
    throw error
  }
  return answer
}

async function start() {
  const session = await ask('GET', '/session')
  csrf = session.csrfToken
  me = session.signedIn && csrf !== null ? session.address : null
  $('sign-in').hidden = me !== null
  $('quarantine').hidden = me === null
  $('who').hidden = $('sign-out').hidden = me === null
  if (me === null) return $('address').focus()
  $('who').textContent = me
  $('items').replaceChildren()
  await load(null)
}

async function load(cursor) {
  const query = new URLSearchParams({ recipient: me, limit: '50' })
  if (cursor !== null) query.set('cursor', cursor)
  const page = await ask('GET', '/quarantine?' + query)
  next = page.next
  for (const item of page.items) $('items').append(row(item))
  $('more').hidden = next === null
  count()
}

function count() {
  const held = [...document.querySelectorAll('.item:not(.released)')].length
  $('summary').textContent = held === 0
    ? 'Nothing is held for you. Mail that looks like spam or carries a virus waits here until its time is over.'
    : (next === null ? '' : 'More than ') + (held === 1 ? '1 mail is held for you.' : held + ' mails are held for you.')
}

const icons = { quarantined: '◐', infected: '✖', waiting: '…', released: '✔' }

function mark(element, state, word) {
  element.classList.remove('infected', 'waiting', 'released')
  element.classList.add(state)
  element.querySelector('.icon').textContent = icons[state]
  element.querySelector('.word').textContent = word
}

function row(item) {
  const element = $('item').content.firstElementChild.cloneNode(true)
  const part = (name) => element.querySelector('.' + name)
  const address = item.headerFrom ?? item.reversePath ?? 'no sender'
  const name = item.headerFromName ?? ''
  part('why').textContent = item.why
  part('subject').textContent = item.subject ?? '(no subject)'
  part('sender-name').textContent = name
  if (name.includes('@') && !name.toLowerCase().includes(address.toLowerCase())) {
    part('sender-name').classList.add('false')
    part('sender-name').title = 'This name is another address than the one it came from.'
  }
  part('sender-address').textContent = address
  const time = element.querySelector('time')
  time.dateTime = item.acceptedAt
  time.title = item.acceptedAt
  time.textContent = ago(new Date(item.acceptedAt))
  if (item.reason === 'virus') mark(element, 'infected', 'Infected')
  else mark(element, item.releasing ? 'waiting' : 'quarantined', item.releasing ? 'Waiting for its scan' : 'Quarantined')
  if (!item.releasable) part('acts').hidden = true
  if (item.releaseRefused !== null) part('result').textContent = item.releaseRefused
  part('release').addEventListener('click', () => release(element, item, false))
  part('trust').addEventListener('click', () => release(element, item, true))
  return element
}

async function release(element, item, trustSender) {
  const result = element.querySelector('.result')
  const buttons = element.querySelectorAll('button')
  for (const button of buttons) button.disabled = true
  mark(element, 'waiting', 'Waiting for its scan')
  result.textContent = ''
  try {
    const path = '/quarantine/' + item.mail + '/' + encodeURIComponent(item.recipient) + '/release'
    const answer = await ask('POST', path, { trustSender })
    if (answer.state === 'released') {
      mark(element, 'released', 'Released')
      element.querySelector('.acts').hidden = true
      result.textContent = answer.trusted === null
        ? 'It is on its way to your inbox.'
        : 'It is on its way to your inbox. Mail from ' + answer.trusted + ' will no longer be checked for spam.'
    } else if (answer.state === 'releasing') {
      result.textContent = 'It is scanned once more; it goes to your inbox when that is done.'
    } else {
      mark(element, 'quarantined', 'Quarantined')
      result.textContent = answer.detail ?? 'It stays in quarantine.'
    }
  } catch (error) {
    mark(element, item.reason === 'virus' ? 'infected' : 'quarantined', item.reason === 'virus' ? 'Infected' : 'Quarantined')
    for (const button of buttons) button.disabled = false
    result.textContent = error.message
    if (error.status === 401) await start()
  }
  count()
}

function ago(date) {
  const minutes = Math.round((Date.now() - date) / 60000)
  if (minutes < 1) return 'just now'
  if (minutes < 60) return minutes + ' min ago'
  if (minutes < 24 * 60) return Math.round(minutes / 60) + ' h ago'
  return date.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' })
}

function guarded(place, work) {
  return async (event) => {
    event.preventDefault()
    $(place).textContent = ''
    try { await work(event) } catch (error) { $(place).textContent = error.message }
  }
}

$('sign-in').addEventListener('submit', guarded('sign-in-problem', async () => {
  const session = await ask('POST', '/session', { address: $('address').value, password: $('password').value })
  csrf = session.csrfToken
  $('password').value = ''
  await start()
}))
$('sign-out').addEventListener('click', guarded('problem', async () => {
  await ask('DELETE', '/session')
  csrf = null
  await start()
}))
$('more').addEventListener('click', guarded('problem', () => load(next)))
document.addEventListener('keydown', (event) => {
  if (me === null || event.ctrlKey || event.metaKey || event.altKey || event.target.matches('input')) return
  const items = [...document.querySelectorAll('.item')]
  const at = items.indexOf(document.activeElement?.closest('.item') ?? null)
  if (event.key === 'j') items[Math.min(at + 1, items.length - 1)]?.focus()
  else if (event.key === 'k') items[Math.max(at - 1, 0)]?.focus()
  else if (event.key === 'r') items[at]?.querySelector('.release:not(:disabled)')?.click()
  else if (event.key === 't') items[at]?.querySelector('.trust:not(:disabled)')?.click()
})
start().catch((error) => {
  $('quarantine').hidden = false
  $('problem').textContent = error.message
})
`
