package scene

// canQuit says whether the menu offers to end the program. A page is left by closing its tab.
const canQuit = false
