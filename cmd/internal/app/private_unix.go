//go:build unix

package app

import "os"

// CheckPrivate refuses a key file that every user of this computer can read or change. That its group
// can is ordinary: that is how a service is given a certificate's key. A file that is not there is
// somebody else's concern.
func CheckPrivate(file string) error {
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm()&0o007 == 0 {
		return nil
	}
	return Usagef("%s can be read by every user of this computer, and who has the key is this relay: chmod o= %s, or give -insecure-key if that is meant", file, file)
}
