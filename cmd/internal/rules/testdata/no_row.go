//rules: table game/lights/lamp.go

package lights // want
