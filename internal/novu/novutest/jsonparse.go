package novutest

import (
	"bytes"
	"encoding/json"
)

// parseJSON decodes a body whose top must be an object or an array. Its errors have the words of the JavaScript
// engine, because Novu passes them on.
func parseJSON(raw []byte) (any, error) {
	trimmed := bytes.TrimLeft(raw, " \t\r\n")
	if len(trimmed) > 0 && trimmed[0] != '{' && trimmed[0] != '[' {
		p := newJSONErrors(raw)
		p.space()
		return nil, p.unexpectedToken()
	}
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		return nil, newJSONErrors(raw).find(err)
	}
	return v, nil
}
