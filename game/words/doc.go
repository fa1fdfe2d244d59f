// Package words makes the sentences that people read in a window, a page, a terminal or a report. Everything
// else decides by codes and values, and asks a Language for the words:
//
//	l := words.English
//	l.WaitingFor(2)                               // "Waiting for 2 more players"
//	l.End(words.End{Code: protocol.CodeTakenOver}) // "Joined from another window"
//	l.Back                                        // "Back": what has no values is a field
//
// What a relay says in words on its own (why it refuses, why it pauses) is shown as it came.
//
// # To add a sentence
//
// Add a field to Language (language.go) and its text to each language (english.go). One that has values gets a
// lower-case field of type template and a method that fills it, and the table of examples_test.go an example:
// a test fails for a text that no example shows.
//
// # To add a language
//
// Copy english.go, translate its texts, and say which plural form belongs to which number. The values of a text
// are named, so their order is free. Names and help of metrics stand beside what is measured (game/client); a
// language has its own under their keys.
package words
