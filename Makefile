# The commands of the project; `make help` lists them. The work is done by the scripts in .ci.

.PHONY: help play web test bench build fmt clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-6s %s\n", $$1, $$2 }' Makefile

play: ## play Slime Volleyball against a bot (ARGS="…" passes flags to tandem)
	@bash .ci/play.sh $(ARGS)

web: ## build the web page into build/web, and build/tandem-relay, which serves it with -web
	@bash .ci/web.sh

test: ## run everything CI runs (STAGE=quick in two minutes, STAGE=name one stage, STAGE=list names them)
	@bash .ci/test.sh $(STAGE)

bench: ## measure what runs in every frame, and the seed's optimisations (BENCH=regexp or BENCH=baseline selects)
	@bash .ci/bench.sh $(if $(BENCH),'$(BENCH)')

build: ## build the programs into build/ (GOOS=… GOARCH=… for another system)
	@bash .ci/build.sh

fmt: ## format the Go files
	@gofmt -l -w assets cmd env game netcode

clean: ## remove build/
	@rm -rf build
	@find assets/web/site -mindepth 1 ! -name .gitignore -delete
