package dom

import (
	"errors"
	"strings"
	"syscall/js"
)

var reflect = js.Global().Get("Reflect")

// Get returns a property that the browser may refuse to this page; an error if it throws.
func Get(from js.Value, name string) (v js.Value, err error) {
	err = Try(func() { v = reflect.Call("get", from, name) })
	return v, err
}

// Try runs f and returns as an error what JavaScript throws meanwhile, or that something was called that
// this browser has not got.
func Try(f func()) (err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case js.Error:
			err = r
		case *js.ValueError:
			err = r
		case string: // of Value.Call, where there is no such function
			if !strings.HasPrefix(r, "syscall/js: ") {
				panic(r)
			}
			err = errors.New(r)
		default:
			panic(r)
		}
	}()
	f()
	return nil
}
