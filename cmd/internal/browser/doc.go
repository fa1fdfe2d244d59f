// Package browser tests the web page in a real browser: Chromium without a screen, driven by its
// debugging protocol, against a relay of the test's own.
//
// The tests need the built page, in the folder that TANDEM_SITE names, a tandem-relay with that page
// inside, named by TANDEM_RELAY, and Chromium; `make test STAGE=browser` brings them. Without the page
// they are skipped; with it, a missing Chromium is a failure.
package browser
