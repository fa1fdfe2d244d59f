// Package verify tells whose state of a match holds. Comparison collects the hashes that the seats tell of a
// frame and judges them once all are there, or have been waited for long enough: the witness's holds, else
// that of the strict majority. Where there is neither, all who were compared simulate the frames since the
// last state that was known to hold again (Ask), and who comes to another state than before was wrong.
//
// It decides and does nothing else: whoever calls it tells the verdicts, asks the questions and gets the state
// that holds to those who differ. Verdicts come one at a time (Next, Displace, Void, Decide), and each is
// carried out before the next is asked for: Settle takes it into account, which changes what later ones
// compare with.
package verify
