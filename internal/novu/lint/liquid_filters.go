// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package lint

import "strings"

// filterNames are the filters of the parser and the four that Novu adds.
var filterNames = names(`append prepend lstrip downcase upcase remove remove_first remove_last rstrip split strip
	strip_newlines capitalize replace replace_first replace_last truncate truncatewords normalize_whitespace
	number_of_words array_to_sentence_string abs at_least at_most ceil divided_by floor minus plus modulo times round
	escape xml_escape escape_once newline_to_br strip_html url_decode url_encode cgi_escape uri_escape slugify join last
	first reverse sort sort_natural size map sum compact concat push unshift pop shift slice where reject where_exp
	reject_exp group_by group_by_exp has has_exp find_index find_index_exp find find_exp uniq sample date
	date_to_xmlschema date_to_rfc822 date_to_string date_to_long_string base64_encode base64_decode default raw jsonify
	to_integer json inspect digest toSentence pluralize`)

func names(list string) map[string]bool {
	out := map[string]bool{}
	for n := range strings.FieldsSeq(list) {
		out[n] = true
	}
	return out
}
