// Runs before the first paint. It is a file of its own because the content security policy allows no inline script.
;(() => {
  // A person who chose a theme never sees a flash of the other one.
  let choice = 'system'
  try {
    choice = localStorage.getItem('slotscope.theme') ?? 'system'
  } catch {
    choice = 'system'
  }
  const light = choice === 'light' || (choice !== 'dark' && matchMedia('(prefers-color-scheme: light)').matches)
  document.documentElement.dataset.theme = light ? 'light' : 'dark'

  // Who is there is asked while the rest is still on its way. With a login link nobody is there yet. `readSession` takes the answer, once.
  if (!/[#&]login=/.test(location.hash)) {
    const asked = fetch('/api/session', { credentials: 'same-origin', headers: { accept: 'application/json' } })
    asked.catch(() => undefined)
    window.slotscopeSession = asked
  }
})()
