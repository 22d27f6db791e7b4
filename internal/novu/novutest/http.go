// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import (
	"cmp"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strconv"
	"strings"

	"novu-operator.dev/internal/novu/javascript"
)

// response is a whole answer, kept in memory so that a fault can mutilate it.
type response struct {
	status int
	header http.Header
	body   []byte
}

func (res *response) write(w http.ResponseWriter, method string) {
	maps.Copy(w.Header(), res.header)
	if len(res.body) > 0 || res.status != http.StatusNoContent {
		w.Header().Set("Content-Length", strconv.Itoa(len(res.body)))
	}
	w.WriteHeader(res.status)
	if method != http.MethodHead {
		_, _ = w.Write(res.body)
	}
}

// jsonResponse encodes an answer and gives it the ETag that Express would.
func jsonResponse(status int, header http.Header, body any) *response {
	res := &response{status: status, header: header}
	if status == http.StatusNoContent {
		return res
	}
	res.body = javascript.JSON(body)
	header.Set("Content-Type", "application/json; charset=utf-8")
	sum := sha1.Sum(res.body)
	header.Set("Etag", fmt.Sprintf(`W/"%x-%s"`, len(res.body), base64.RawStdEncoding.EncodeToString(sum[:])))
	return res
}

// errorResponse turns an error of a handler into its answer; anything unknown is a 500.
func (s *Server) errorResponse(r *http.Request, header http.Header, err error) *response {
	var e *apiError
	if !errors.As(err, &e) {
		e = internalError()
	}
	return jsonResponse(e.status, header, e.body(timestamp(s.opts.Now()), r.URL.RequestURI()))
}

func readBody(r *http.Request) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	defer r.Body.Close()
	return io.ReadAll(r.Body)
}

// dispatch runs the layers that Novu's API has: CORS, body parser, router, authentication, rate limit, idempotency.
func (s *Server) dispatch(r *http.Request, entry *logEntry, raw []byte) *response {
	header := http.Header{}
	if r.Method == http.MethodOptions {
		return preflight(header, s.traits().headers)
	}
	path, ok := s.stripBase(r.URL.EscapedPath())
	if !ok {
		return s.errorResponse(r, header, cannot(r))
	}
	body, err := parseBody(r, path, raw)
	if err != nil {
		return s.errorResponse(r, header, err)
	}
	rt, params, err := findRoute(s.traits(), r, path)
	if err != nil {
		return s.errorResponse(r, header, err)
	}
	c := &call{server: s, request: r, route: rt, params: params, body: body, header: header}
	if err := c.authenticate(); err != nil {
		return s.errorResponse(r, header, err)
	}
	s.log.setEnvironment(entry, c.env)
	if err := c.takeToken(); err != nil {
		return s.errorResponse(r, header, err)
	}
	if rt.paid && !s.paid() {
		return s.errorResponse(r, header, paymentRequired())
	}
	return notModified(r, c.replayOr(c.run, raw))
}

// run executes the handler.
func (c *call) run() *response {
	result, err := c.route.handle(c)
	if err != nil {
		return c.server.errorResponse(c.request, c.header, err)
	}
	return jsonResponse(cmp.Or(c.status, c.route.status), c.header, envelope(result))
}

// envelope wraps a result in {"data":…}; pages come with their own data member, and nothing is {}.
func envelope(result any) any {
	if result == nil {
		return object{}
	}
	if p, ok := result.(page); ok {
		return object(p)
	}
	return object{"data": result}
}

// page is a list result that is not wrapped again.
type page object

// notModified answers 304 to a GET whose If-None-Match names the answer's ETag.
func notModified(r *http.Request, res *response) *response {
	tag := r.Header.Get("If-None-Match")
	read := r.Method == http.MethodGet || r.Method == http.MethodHead
	if tag == "" || !read || res.status != http.StatusOK || tag != res.header.Get("Etag") {
		return res
	}
	res.header.Del("Content-Type")
	return &response{status: http.StatusNotModified, header: res.header}
}

// browserHeaders are the request headers that every release lets browsers send.
var browserHeaders = []string{
	"Authorization", "User-Agent", "Content-Type", "Sentry-Trace", "Baggage", "Novu-Environment-Id",
	"Novu-API-Version", "Novu-Client-Version", "Novu-User-Agent", "Bypass-Tunnel-Reminder", "Idempotency-Key",
	"Novu-Application-Identifier",
}

func preflight(h http.Header, allowed []string) *response {
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Allow-Headers", strings.Join(allowed, ","))
	h.Set("Access-Control-Allow-Methods", "GET,HEAD,POST,PUT,DELETE,PATCH,OPTIONS")
	h.Set("Access-Control-Max-Age", "86400")
	return &response{status: http.StatusNoContent, header: h}
}

func cannot(r *http.Request) *apiError {
	return notFound(fmt.Sprintf("Cannot %s %s", r.Method, r.URL.RequestURI()))
}

// largeBodies are the paths whose JSON may have 26 MB; all others take 100 kB.
var largeBodies = []string{
	"/v1/events", "/v1/notification-templates", "/v1/workflows", "/v1/layouts", "/v1/bridge/sync",
	"/v1/bridge/diff", "/v2/workflows",
}

func bodyLimit(path string) int {
	lower := strings.ToLower(path)
	for _, p := range largeBodies {
		if lower == p || strings.HasPrefix(lower, p+"/") {
			return 26 << 20
		}
	}
	return 100 << 10
}

// parseBody decodes a JSON body; bodies of other types are ignored. An array counts as an object without members.
func parseBody(r *http.Request, path string, raw []byte) (object, error) {
	mediaType, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	if len(raw) == 0 || !strings.EqualFold(strings.TrimSpace(mediaType), "application/json") {
		return object{}, nil
	}
	if len(raw) > bodyLimit(path) {
		return nil, contextError(http.StatusRequestEntityTooLarge, "Payload Too Large",
			object{"statusCode": http.StatusRequestEntityTooLarge})
	}
	v, err := parseJSON(raw)
	if err != nil {
		return nil, badRequest(err.Error())
	}
	if o, ok := v.(object); ok {
		return o, nil
	}
	return object{}, nil
}
