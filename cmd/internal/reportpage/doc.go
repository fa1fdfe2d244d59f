// Package reportpage writes a report as one web page: what was measured, in words, tables and
// charts. The page is a single file without scripts that needs nothing from anywhere, so that it can
// be mailed or kept beside the data.
package reportpage
