package novutest

import "strings"

// schemaIssues turns schema violations into issues by control path. Of a URL's violations one is kept; violations
// without a path (unknown keys on the top level) are not shown, but leave an empty object behind.
func schemaIssues(errs []schemaError, kind string) object {
	if len(errs) == 0 {
		return nil
	}
	controls := object{}
	urls := map[string]schemaError{}
	for _, e := range errs {
		path := e.controlPath()
		if path == "" {
			continue
		}
		if isURL(path, e.path) {
			if kept, known := urls[path]; !known || (kept.keyword != "anyOf" && e.keyword == "anyOf") {
				urls[path] = e
			}
			continue
		}
		list, _ := controls[path].([]any)
		controls[path] = append(list, e.issue(path, kind))
	}
	for path, e := range urls {
		controls[path] = []any{e.issue(path, kind)}
	}
	return object{"controls": controls}
}

// controlPath is the dotted path of the value, or of the property that is missing.
func (e *schemaError) controlPath() string {
	path := strings.TrimPrefix(e.path, "/")
	switch {
	case strings.TrimSpace(path) == "":
		return e.missing
	case e.missing != "":
		path += "/" + e.missing
	}
	return strings.ReplaceAll(path, "/", ".")
}

func isURL(path, pointer string) bool {
	return path == "url" || strings.HasSuffix(path, ".url") || path == "avatar" || path == "redirect" ||
		strings.Contains(pointer, "/url") || pointer == "/avatar" || pointer == "/redirect"
}

func (e *schemaError) issue(path, kind string) object {
	issueType := "MISSING_VALUE"
	if isURL(path, e.path) && (e.keyword == "anyOf" || e.keyword == "pattern") {
		issueType = "INVALID_URL"
	}
	return object{"message": e.wording(path, kind), "issueType": issueType, "variableName": path}
}

func (e *schemaError) wording(path, kind string) string {
	switch {
	case e.keyword == "required" && kind == "in_app":
		return "Subject or body is required"
	case e.keyword == "required":
		return capitalized(e.missing) + " is required"
	case e.keyword == "minLength":
		return capitalized(strings.Replace(e.path, "/", "", 1)) + " is required"
	case isURL(path, e.path) && (e.keyword == "anyOf" || e.keyword == "pattern"):
		if kind == "http_request" {
			return "Invalid URL. Must be a valid absolute URL (https://...) or {{variable}}"
		}
		return "Invalid URL. Must be a valid full URL, path starting with /, or {{variable}}"
	}
	return e.message
}

func capitalized(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
