# syntax=docker/dockerfile:1

# docker build --build-arg VERSION=v0.1.0 -t novu-operator:v0.1.0 .
#
# GO_IMAGE and BASE_IMAGE may name mirrors of yours.
ARG GO_IMAGE=golang:1.26
ARG BASE_IMAGE=gcr.io/distroless/static-debian13:nonroot

# Go compiles for other machines by itself, so the compiler runs on the machine that builds.
FROM --platform=$BUILDPLATFORM ${GO_IMAGE} AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
ARG TARGETOS
ARG TARGETARCH
ARG VERSION=dev
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 GOOS=${TARGETOS} GOARCH=${TARGETARCH} \
    go build -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o /manager .

FROM ${BASE_IMAGE}
ARG VERSION=dev
LABEL org.opencontainers.image.title="novu-operator" \
      org.opencontainers.image.description="Keeps Novu notification workflows, layouts and integrations as Kubernetes objects" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY LICENSE /LICENSE
COPY --from=build /manager /manager
# The number, not the name: Kubernetes can only tell from a number that it is not root.
USER 65532:65532
ENTRYPOINT ["/manager"]
