package overcooked

import "tandem/env/draw"
type still struct{}
func (e *Env) Render(l *draw.List) {}
