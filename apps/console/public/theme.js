// Runs before the first paint, so that a person who chose a theme never sees a flash of the other one.
// It is a file of its own because the content security policy allows no inline script.
;(() => {
  let choice = 'system'
  try {
    choice = localStorage.getItem('slotscope.theme') ?? 'system'
  } catch {
    choice = 'system'
  }
  const light = choice === 'light' || (choice !== 'dark' && matchMedia('(prefers-color-scheme: light)').matches)
  document.documentElement.dataset.theme = light ? 'light' : 'dark'
})()
