package scene

// inPage says that the game has no window but a page.
const inPage = true

// canQuit says whether the menu offers to end the program. A page is left by closing its tab.
const canQuit = false
