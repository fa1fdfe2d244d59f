//rules: table game/sound/mixer.go

package sound // want
