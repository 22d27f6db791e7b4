// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"fmt"
	"strings"
)

// objection to an object that belongs to application code: Novu does not copy it, and overwrites it when the code is
// synchronised.
func objection[H, W any](k *kind[H, W], where string, have *H) string {
	if have == nil || !k.Facts(have).CodeFirst {
		return ""
	}
	return fmt.Sprintf("%s environment holds a code-first workflow of this id, which is not promoted: "+
		"synchronise the application with each environment's key, or use another workflowID", where)
}

// ambiguous reports whether an environment holds several workflows of the id: it is not known which of them Novu would copy, or
// overwrite.
func ambiguous[H, W any](k *kind[H, W], id string, sides ...*Side) string {
	for _, side := range sides {
		if side == nil {
			continue
		}
		if entry, _ := side.Conn.Lookup(k.Resource, id); len(entry.Duplicates) > 0 {
			return fmt.Sprintf("Novu's environment of %s holds several of this id (%s): delete all but one there",
				side.Name, strings.Join(entry.Duplicates, ", "))
		}
	}
	return ""
}
