// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import (
	"maps"
	"net/http"

	"github.com/google/uuid"

	"novu-operator.dev/internal/novu/javascript"
)

// apiError is an error answer. Its members of ctx appear twice in the body: under ctx and at the top.
type apiError struct {
	status  int
	message string
	ctx     object // nil: the body has no ctx
	errors  object // violations of a 422
	errorID string // of a 5xx
}

func (e *apiError) Error() string { return e.message }

// httpError is an error with Nest's standard context, such as {"error":"Not Found","statusCode":404}.
func httpError(status int, message string) *apiError {
	return &apiError{status: status, message: message, ctx: object{"error": statusName(status), "statusCode": status}}
}

// contextError carries its own context instead.
func contextError(status int, message string, ctx object) *apiError {
	return &apiError{status: status, message: message, ctx: ctx}
}

func badRequest(message string) *apiError { return httpError(http.StatusBadRequest, message) }
func notFound(message string) *apiError   { return httpError(http.StatusNotFound, message) }
func conflict(message string) *apiError   { return httpError(http.StatusConflict, message) }
func forbidden(message string) *apiError  { return httpError(http.StatusForbidden, message) }

// paymentRequired is the answer of a route that the tier does not include.
func paymentRequired() *apiError {
	return &apiError{status: http.StatusPaymentRequired, message: "Payment Required"}
}

// internalError is what Novu answers when it fails itself, for example on an id that is no object id.
func internalError() *apiError {
	return &apiError{
		status:  http.StatusInternalServerError,
		message: "Internal server error, contact support and provide them with the errorId",
		errorID: uuid.NewString(),
	}
}

func statusName(status int) string { return http.StatusText(status) }

// body is the JSON of the answer; path is the request's path with its query.
func (e *apiError) body(timestamp, path string) object {
	out := object{}
	maps.Copy(out, e.ctx)
	out["statusCode"], out["timestamp"], out["path"], out["message"] = e.status, timestamp, path, e.message
	if e.ctx != nil {
		out["ctx"] = e.ctx
	}
	if e.errors != nil {
		out["errors"] = e.errors
	}
	if e.errorID != "" {
		out["errorId"] = e.errorID
	}
	return out
}

// object is a JSON object.
type object = javascript.Object
