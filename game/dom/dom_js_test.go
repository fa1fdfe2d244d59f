package dom

import (
	"strings"
	"syscall/js"
	"testing"
)

// throwing is an object whose property "refused" throws, as storage does where a site's data are blocked.
func throwing() js.Value {
	return js.Global().Call("eval", `({ get refused() { throw new Error("denied by the browser"); }, plain: 7 })`)
}

func TestGet(t *testing.T) {
	if v, err := Get(throwing(), "plain"); err != nil || v.Int() != 7 {
		t.Errorf("an ordinary property is %v (%v)", v, err)
	}
	if v, err := Get(throwing(), "missing"); err != nil || !v.IsUndefined() {
		t.Errorf("a property that is not there is %v (%v)", v, err)
	}
	if _, err := Get(throwing(), "refused"); err == nil || !strings.Contains(err.Error(), "denied by the browser") {
		t.Errorf("a property that throws: %v", err)
	}
	if _, err := Get(js.Undefined(), "any"); err == nil {
		t.Error("a property of nothing: no error")
	}
}

func TestTryCallsWhatIsMissing(t *testing.T) {
	if err := Try(func() { throwing().Get("missing").Call("bind") }); err == nil {
		t.Error("calling what is not there: no error")
	}
	if err := Try(func() { throwing().Call("missing") }); err == nil {
		t.Error("calling a function that an object has not got: no error")
	}
}

func TestTryLeavesPanicsOfGoAlone(t *testing.T) {
	defer func() {
		if r := recover(); r != "ours" {
			t.Errorf("recovered %v", r)
		}
	}()
	_ = Try(func() { panic("ours") })
	t.Error("the panic was swallowed")
}
