// Package browser tests the web page in a real browser: Chromium without a screen, driven by its
// debugging protocol, against a relay of the test's own.
//
// The tests need the built page, in the folder that TANDEM_SITE names, and Chromium;
// `make test STAGE=browser` brings both.
package browser
