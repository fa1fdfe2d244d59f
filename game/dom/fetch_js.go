package dom

import (
	"context"
	"errors"
	"syscall/js"
)

// Fetch asks an address and returns what it answers. Nothing stays behind, also where there is no answer or
// ctx ends before it.
func Fetch(ctx context.Context, address string) (status int, body string, err error) {
	settled := make(chan error, 1)
	var funcs []js.Func
	fn := func(f func(v js.Value) any) js.Func {
		made := js.FuncOf(func(_ js.Value, args []js.Value) any { return f(args[0]) })
		funcs = append(funcs, made)
		return made
	}
	settle := func(err error) any {
		for _, made := range funcs {
			made.Release()
		}
		settled <- err
		return nil
	}
	answered := fn(func(v js.Value) any {
		status = v.Get("status").Int()
		return v.Call("text")
	})
	read := fn(func(v js.Value) any {
		body = v.String()
		return settle(nil)
	})
	failed := fn(func(v js.Value) any { return settle(errors.New(js.Global().Get("String").Invoke(v).String())) })
	var control js.Value
	err = Try(func() {
		control = js.Global().Get("AbortController").New()
		init := map[string]any{"cache": "no-store", "signal": control.Get("signal")}
		js.Global().Call("fetch", address, init).Call("then", answered).Call("then", read, failed)
	})
	if err != nil { // nothing was called that would call back
		for _, made := range funcs {
			made.Release()
		}
		return 0, "", err
	}
	select {
	case err = <-settled:
	case <-ctx.Done():
		control.Call("abort") // then it fails, and lets go
		return 0, "", ctx.Err()
	}
	if err != nil {
		return 0, "", err
	}
	return status, body, nil
}
