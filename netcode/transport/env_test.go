package transport

// serverEnv tells the tests that run under node where the other half of TestInNode listens.
const serverEnv = "TRANSPORT_TEST_SERVER"
