# Every tool is a Go module that the Go command builds and caches. The one binary
# that may be downloaded is a control plane for demo and tests, see ENVTEST_INDEX.
# Only Go, git and make are needed; make test RACE=1 needs a C compiler too.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# One setting for every build, so that packages are compiled once and shared by
# the control plane, the tools, the tests and the operator.
export CGO_ENABLED := $(if $(RACE),1,0)

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
IMG ?= novu-operator:$(VERSION)
CONTAINER_TOOL ?= docker
CLUSTER ?= .cluster
# What takes longest begins first. Tests wait much: more packages run together than there are cores.
LONG := ./controllers ./test/crash ./test/deletion
LENT = $${TMPDIR:-/tmp}/novu-operator-tests-$(firstword $(shell pwd | cksum))
# What to test and how, for example PKG=./internal/... TESTFLAGS='-run TestPlan -v'.
PKG ?= ./...
TESTFLAGS ?=
BENCHFLAGS ?=

TOOL := go tool -modfile=hack/tools/go.mod
LINT := go tool -modfile=hack/tools/lint/go.mod golangci-lint
# golangci-lint with the linter of Kubernetes API types.
API_LINT := go tool -modfile=hack/tools/lint/go.mod golangci-lint-kube-api-linter
CONTROLLER_GEN := $(TOOL) controller-gen
# The folder with etcd, kube-apiserver and kubectl. Prebuilt ones are downloaded
# when needed, or built from source where that fails or ENVTEST_INDEX=off. The
# whole suite needs kube-controller-manager too, which has to be built.
ASSETS := go run ./hack/cluster assets $(if $(filter ./...,$(PKG)),-all)

.PHONY: help
help: ## Show this help.
	@awk 'BEGIN {FS = ":.*## "; print "Usage: make TARGET\n"} \
		/^##@/ {printf "\n%s\n", substr($$0, 5)} \
		/^[a-z-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

##@ Code
.PHONY: generate
generate: ## Generate deep copies from ./api.
	$(CONTROLLER_GEN) object paths=./api/...

.PHONY: manifests
manifests: ## Generate CRDs from ./api and the manager's ClusterRole from its markers.
	$(CONTROLLER_GEN) crd paths=./api/... output:crd:dir=config/crd/bases
	$(CONTROLLER_GEN) rbac:roleName=novu-operator-manager-role \
		paths=./controllers/... paths=./internal/... output:rbac:dir=config/rbac
	@$(MAKE) chart

.PHONY: chart
chart: ## Copy the generated CRDs and rules into the Helm chart.
	go run ./hack/chart

.PHONY: docs
docs: ## Generate docs/reference from ./api.
	go run ./hack/docs
	$(TOOL) crd-ref-docs --source-path=api --config=hack/tools/docs.yaml --renderer=markdown \
		--output-path=docs/reference/api.md --log-level=ERROR

.PHONY: fmt
fmt: ## Format the code.
	$(LINT) fmt ./...

.PHONY: vet
vet: ## Run go vet.
	go vet ./...

.PHONY: lint
lint: lint-api ## Run all linters; the import rules are among them.
	$(LINT) run $(PKG)

.PHONY: lint-api
lint-api: ## Check the API types against the Kubernetes API conventions.
	$(API_LINT) run --config .golangci-kal.yaml ./api/...

.PHONY: vulncheck
vulncheck: ## Check for known vulnerabilities in what the operator calls; asks the Go vulnerability database.
	go tool -modfile=hack/tools/vuln/go.mod govulncheck ./...

.PHONY: verify
verify: generate manifests docs ## Fail when generated files differ from what is committed.
	git diff --exit-code
	@new="$$(git ls-files --others --exclude-standard -- api charts config docs)"; \
		[ -z "$$new" ] || { echo "generated but not committed:"; echo "$$new"; exit 1; }

##@ Tests
.PHONY: assets
assets: ## Build or download etcd and Kubernetes for the tests (minutes once, then cached).
	@$(ASSETS)

# All packages share one API server; it lies outside the checkout, so that Go may
# cache what tests say. Tests need no vet of their own: it is among the linters.
.PHONY: test
test: assets lint ## Lint, then run every test. RACE=1 adds the race detector.
	@go build -o bin/cluster ./hack/cluster
	KUBEBUILDER_ASSETS="$$($(ASSETS))" bin/cluster lend -dir "$(LENT)" $(TOOL) gotestsum --format pkgname --format-hide-empty-pkg -- \
		-p 6 -vet=off -timeout 60m $(if $(RACE),-race) $(TESTFLAGS) $(if $(filter ./...,$(PKG)),$(LONG)) $(PKG)

.PHONY: bench
bench: assets ## Measure, and print the figures beside their limits. BENCH_WORKFLOWS=1000 is quicker.
	KUBEBUILDER_ASSETS="$$($(ASSETS))" go test -run '^$$' -bench . -timeout 2h $(BENCHFLAGS) ./test/bench

##@ Try it
.PHONY: demo
demo: ## Sync and promote 20 workflows on a real API server. KEEP=1 leaves it running, RELEASE=3.15 has an older Novu.
	@go build -o bin/demo ./hack/demo
	@set -m; bin/demo $(if $(KEEP),-keep) $(if $(RELEASE),-release $(RELEASE)); : # set -m: Ctrl-C ends the demo and not make

.PHONY: cluster
cluster: ## Start an API server with etcd and controllers on this machine.
	@go run ./hack/cluster up -dir $(CLUSTER)

.PHONY: cluster-down
cluster-down: ## Stop what "make cluster" started.
	@go run ./hack/cluster down -dir $(CLUSTER)

##@ Release
.PHONY: build
build: ## Build the manager into bin/.
	go build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o bin/manager .

.PHONY: image
image: ## Build the container image; CONTAINER_TOOL=podman works too.
	$(CONTAINER_TOOL) build --build-arg VERSION=$(VERSION) -t $(IMG) .

# What is attached to a release: see docs/contributing/release.md.
.PHONY: dist
dist: ## Make the chart, the manifest, their checksums and the notes of a release in dist/. Needs VERSION=v1.2.3 IMG=….
	@rm -rf dist && mkdir -p dist
	go run ./hack/release $(VERSION) >dist/notes.md
	$(TOOL) helm package charts/novu-operator --destination dist
	$(TOOL) kustomize build config/default | sed 's|image: novu-operator:.*|image: $(IMG)|' >dist/install.yaml
	@grep -q 'image: $(IMG)$$' dist/install.yaml || { echo "the manifest does not name the image"; exit 1; }
	cd dist && sha256sum *.yaml *.tgz >SHA256SUMS

.PHONY: clean
clean: ## Remove what was built here. Go's caches and the control plane's stay.
	rm -rf bin dist
